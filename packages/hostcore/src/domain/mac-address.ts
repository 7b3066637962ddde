import type { IpAddress } from './ip-address.js';
import type { IpNetwork } from './ip-network.js';

/** Six octets, lower case, with colons. */
export type MacAddress = string & { readonly kind: 'MacAddress' };

export function parseMac(text: string): MacAddress | undefined {
  const lower = text.toLowerCase().replaceAll('-', ':');
  return isMac(lower) ? lower : undefined;
}

function isMac(text: string): text is MacAddress {
  return /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(text);
}

/** The lowest bit of the first octet: a group, never the address of a card (IEEE 802). */
export function isMulticast(mac: MacAddress): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}

/** RFC 4291 appendix A: ff:fe in the middle, the universal/local bit turned. */
function interfaceIdentifier(mac: MacAddress): bigint {
  const hex = mac.replaceAll(':', '');
  const id = BigInt(`0x${hex.slice(0, 6)}fffe${hex.slice(6)}`);
  return id ^ (0x02n << 56n);
}

/** The address that SLAAC gives to this card in a /64 (RFC 4862 §5.5.3, with RFC 4291's identifier). */
export function slaacAddress(network: IpNetwork, mac: MacAddress): IpAddress {
  return { family: 6, bits: network.bits | interfaceIdentifier(mac) };
}

export function linkLocalAddress(mac: MacAddress): IpAddress {
  return { family: 6, bits: (0xfe80n << 112n) | interfaceIdentifier(mac) };
}
