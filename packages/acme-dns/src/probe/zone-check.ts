import type { ListenAddress } from '../domain/listen-address.js';
import { checkDelegation } from './delegation-check.js';
import type { Finding } from './finding.js';
import type { DelegationOptions } from './parent.js';
import { checkServer } from './server-check.js';

export interface ZoneCheckOptions extends DelegationOptions {
  /** Where the configuration has the server listen. */
  readonly listen: readonly ListenAddress[];
}

/** Looks at the zone as an authority's validator will: from the parent down to this server, each link by itself. */
export async function checkZone({
  listen,
  ...options
}: ZoneCheckOptions): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const where of listen) found.push(...(await checkServer(options, where, 'this server')));
  return [...found, ...(await checkDelegation(options))];
}
