import type { IpAddress } from './ip-address.js';
import { parseMac, type MacAddress } from './mac-address.js';
import { formatNetwork, type IpNetwork } from './ip-network.js';

/** SHA-256, or what else mixes as well; given, since the domain takes no library. */
export type Digest = (text: string) => Uint8Array;

/**
 * A host part that looks random and is the same at each run: RFC 7217 §5, F(Prefix, Net_Iface, secret). Host parts that
 * are reserved (RFC 5453) or that a MAC address would give are passed over by the counter, as §5 has it for
 * duplicates.
 */
export function stableAddress(
  network: IpNetwork,
  purpose: string,
  seed: string,
  digest: Digest,
): IpAddress {
  for (let counter = 0; ; counter++) {
    const mixed = digest(['sixhub', formatNetwork(network), purpose, counter, seed].join('\0'));
    const identifier = mixed.slice(0, 8).reduce((bits, octet) => (bits << 8n) | BigInt(octet), 0n);
    if (isReserved(identifier)) continue;
    return { family: 6, bits: network.bits | identifier };
  }
}

function isReserved(identifier: bigint): boolean {
  const looksLikeMac = ((identifier >> 24n) & 0xffffn) === 0xfffen;
  const subnetRouters = identifier >> 8n === 0n; // ::0 to ::ff, where people put addresses by hand
  const anycast = identifier >> 7n === 0xfdffffffffffffffn >> 7n; // RFC 2526
  return looksLikeMac || subnetRouters || anycast;
}

/** For a bridge: locally administered, of one card (IEEE 802c: second digit 2). */
export function stableMac(purpose: string, seed: string, digest: Digest): MacAddress | undefined {
  const mixed = digest(['sixhub', 'mac', purpose, seed].join('\0')).slice(0, 5);
  return parseMac(
    ['02', ...Array.from(mixed, (one) => one.toString(16).padStart(2, '0'))].join(':'),
  );
}
