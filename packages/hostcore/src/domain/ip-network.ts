import { formatAddress, parseAddress, type IpAddress } from './ip-address.js';

/** A network: its first address and how many bits of it count. */
export interface IpNetwork {
  readonly family: 4 | 6;
  readonly bits: bigint;
  readonly length: number;
}

/** An address with the network it stands in: `192.0.2.10/24`. */
export interface Interfaced {
  readonly address: IpAddress;
  readonly length: number;
}

export type ParsedNetwork =
  | { readonly kind: 'network'; readonly network: IpNetwork }
  | { readonly kind: 'malformed' }
  /** Bits are set behind the prefix: an address was written where a network is meant. */
  | { readonly kind: 'host-bits'; readonly network: IpNetwork };

export function parseNetwork(text: string): ParsedNetwork {
  const parsed = parseInterfaced(text);
  if (parsed === undefined) return { kind: 'malformed' };
  const network = networkOf(parsed.address, parsed.length);
  return { kind: network.bits === parsed.address.bits ? 'network' : 'host-bits', network };
}

export function parseInterfaced(text: string): Interfaced | undefined {
  const [before = '', after, ...more] = text.split('/');
  const address = parseAddress(before);
  if (address === undefined || more.length > 0) return undefined;
  if (after === undefined) return undefined;
  const length = Number(after);
  if (!/^\d{1,3}$/.test(after) || length > width(address.family)) return undefined;
  return { address, length };
}

/** For what the program itself knows to be one. */
export function network(text: string): IpNetwork {
  const parsed = parseNetwork(text);
  if (parsed.kind !== 'network') throw new Error(`${text} is no network`);
  return parsed.network;
}

export function networkOf(address: IpAddress, length: number): IpNetwork {
  const rest = BigInt(width(address.family) - length);
  return { family: address.family, bits: (address.bits >> rest) << rest, length };
}

export function formatNetwork({ family, bits, length }: IpNetwork): string {
  return `${formatAddress({ family, bits })}/${length}`;
}

export function formatInterfaced({ address, length }: Interfaced): string {
  return `${formatAddress(address)}/${length}`;
}

export function contains(outer: IpNetwork, inner: IpAddress | IpNetwork): boolean {
  if (outer.family !== inner.family) return false;
  if ('length' in inner && inner.length < outer.length) return false;
  const rest = BigInt(width(outer.family) - outer.length);
  return outer.bits >> rest === inner.bits >> rest;
}

export function overlaps(one: IpNetwork, other: IpNetwork): boolean {
  return contains(one, other) || contains(other, one);
}

export function sameNetwork(one: IpNetwork, other: IpNetwork): boolean {
  return one.family === other.family && one.bits === other.bits && one.length === other.length;
}

/** The address that stands `offset` places after the first. */
export function nthAddress({ family, bits }: IpNetwork, offset: bigint): IpAddress {
  return { family, bits: bits + offset };
}

/** Of IPv6, the network of this length that has `offset` others of it before it. */
export function nthSubnet(outer: IpNetwork, length: number, offset: bigint): IpNetwork {
  const size = 1n << BigInt(width(outer.family) - length);
  return { family: outer.family, bits: outer.bits + size * offset, length };
}

export function hostNetwork(address: IpAddress): IpNetwork {
  return { ...address, length: width(address.family) };
}

/** 255.255.255.192 is 26. */
export function maskLength(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const mask = parseAddress(text);
  if (mask?.family !== 4) return undefined;
  const ones = mask.bits.toString(2).padStart(32, '0');
  return /^1*0*$/.test(ones) ? ones.replaceAll('0', '').length : undefined;
}

function width(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}
