import { recordType } from '@sixhub/acme-dns';
import type { TextLookup } from '../ports.js';
import type { DnsClient } from './dns-client.js';

export function createTextLookup(client: DnsClient): TextLookup {
  return {
    async texts(name, signal) {
      const found = await client.resolve(name, recordType.TXT, signal);
      return found.kind === 'failed'
        ? { kind: 'untested', reason: found.reason }
        : { kind: 'texts', texts: found.records.map(({ data }) => data) };
    },
  };
}
