import { recordType } from '@sixhub/acme-dns';
import type { CaaSighting } from '../domain/caa.js';
import type { DnsName } from '../domain/dns-name.js';
import type { CaaLookup } from '../ports.js';
import type { DnsClient } from './dns-client.js';
import { namesUp } from './zone-cut.js';

/**
 * RFC 8659 §3: the first name from the domain upwards that has CAA records, itself or by its alias. The climb goes on
 * from the name that was asked for, not from what it is an alias of.
 */
export function createCaaLookup(
  client: DnsClient,
  isTrusted: (domain: DnsName) => boolean,
): CaaLookup {
  return {
    async look(domain, signal): Promise<CaaSighting> {
      // What this machine sees of it is not what the world sees.
      if (isTrusted(domain)) return { kind: 'untested', reason: 'hub.toml vouches for it' };
      for (const name of namesUp(domain)) {
        const found = await client.resolve(name, recordType.CAA, signal);
        if (found.kind === 'failed') return { kind: 'untested', reason: found.reason };
        const records = found.records.flatMap(({ fields }) =>
          fields.kind === 'caa'
            ? [{ critical: fields.critical, tag: fields.tag.toLowerCase(), value: fields.value }]
            : [],
        );
        const [first] = found.records;
        if (first !== undefined) return { kind: 'records', at: first.owner, records };
      }
      return { kind: 'none' };
    },
  };
}
