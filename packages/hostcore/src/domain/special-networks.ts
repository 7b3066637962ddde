import type { IpAddress } from './ip-address.js';
import { contains, network, type IpNetwork } from './ip-network.js';

/** What an address of these networks can't be, with the clause. Only what an administrator may meet here (RFC 6890). */
export type SpecialUse = 'documentation' | 'private' | 'shared' | 'loopback' | 'multicast' | 'test';

const table: readonly (readonly [SpecialUse, string, string])[] = [
  ['documentation', '2001:db8::/32', 'RFC 3849'],
  ['documentation', '3fff::/20', 'RFC 9637'],
  ['documentation', '192.0.2.0/24', 'RFC 5737'],
  ['documentation', '198.51.100.0/24', 'RFC 5737'],
  ['documentation', '203.0.113.0/24', 'RFC 5737'],
  ['private', '10.0.0.0/8', 'RFC 1918'],
  ['private', '172.16.0.0/12', 'RFC 1918'],
  ['private', '192.168.0.0/16', 'RFC 1918'],
  ['private', 'fc00::/7', 'RFC 4193'],
  ['shared', '100.64.0.0/10', 'RFC 6598'],
  ['loopback', '127.0.0.0/8', 'RFC 1122'],
  ['loopback', '::1/128', 'RFC 4291'],
  ['multicast', '224.0.0.0/4', 'RFC 5771'],
  ['multicast', 'ff00::/8', 'RFC 4291'],
  ['test', '198.18.0.0/15', 'RFC 2544'],
];

const rows = table.map(([use, text, clause]) => ({ use, network: network(text), clause }));

export interface Special {
  readonly use: SpecialUse;
  readonly network: IpNetwork;
  readonly clause: string;
}

export function specialUse(of: IpAddress | IpNetwork): Special | undefined {
  return rows.find((row) => contains(row.network, of));
}

/** RFC 6052 §2.1. */
export const wellKnownPrefix = network('64:ff9b::/96');
/** RFC 8215: for translation inside an organization. */
export const localUsePrefix = network('64:ff9b:1::/48');
