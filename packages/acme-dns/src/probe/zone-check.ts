import type { ListenAddress } from '../domain/listen-address.js';
import { checkCaa } from './caa-check.js';
import { checkDelegation } from './delegation-check.js';
import type { Finding } from './finding.js';
import { Resolver } from './resolver.js';
import { checkServer } from './server-check.js';

export interface CheckOptions {
  readonly domain: string;
  readonly nameServer: string;
  /** Where the configuration has the server listen. */
  readonly listen: readonly ListenAddress[];
  readonly resolver: ListenAddress;
  /** Port of authoritative servers; 53 unless a test says otherwise. */
  readonly port: number;
  /** The authority of the API's own certificate, as CAA records name it. */
  readonly issuer?: string | undefined;
}

/** Looks at the zone as an authority's validator will: from the parent down to this server, each link by itself. */
export async function checkZone(options: CheckOptions): Promise<readonly Finding[]> {
  const { domain, nameServer, listen, port, issuer } = options;
  const resolver = new Resolver(options.resolver);
  const found: Finding[] = [];
  for (const where of listen) found.push(...(await checkServer(where, domain, 'this server')));
  found.push(...(await checkDelegation({ domain, nameServer, resolver, port })));
  found.push(...(await checkCaa(domain, issuer, resolver)));
  return found;
}
