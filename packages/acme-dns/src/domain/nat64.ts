import { addressText, parseAddress } from './ip-address.js';

/** A network whose addresses stand for IPv4 ones: a NAT64 translates what is sent there (RFC 6052). */
export interface Nat64Prefix {
  readonly length: (typeof lengths)[number];
  /** 16, zero behind the prefix. */
  readonly octets: Uint8Array;
}

/** RFC 6052 §2.2 */
const lengths = [32, 40, 48, 56, 64, 96] as const;

/** Octet "u" (bits 64 to 71), which is always zero; an IPv4 address passes over it. */
const reserved = 8;

/** What ipv4only.arpa has, and nobody else (RFC 7050 §2.2). */
const wellKnown = [Uint8Array.of(192, 0, 0, 170), Uint8Array.of(192, 0, 0, 171)];

/**
 * The prefixes that AAAA answers for ipv4only.arpa show (RFC 7050 §3), in their order. A prefix may by chance contain
 * a well-known address itself: what both of them show counts then, and one alone only if it is in a single place.
 */
export function prefixesOf(answers: readonly Uint8Array[]): readonly Nat64Prefix[] {
  const seen = answers.map((address) => lengths.flatMap((length) => placeIn(address, length)));
  const places = seen.flat();
  const both = places.filter(({ prefix, which }) =>
    places.some((other) => other.which !== which && isSame(other.prefix, prefix)),
  );
  const single = seen.flatMap((own) => (own.length === 1 ? own : []));
  const prefixes = (both.length > 0 ? both : single).map(({ prefix }) => prefix);
  return prefixes.filter(
    (prefix, index) => prefixes.findIndex((other) => isSame(other, prefix)) === index,
  );
}

/** The IPv6 address that stands for `ipv4` (RFC 6052 §2.2); what is behind it stays zero. */
export function synthesize({ octets, length }: Nat64Prefix, ipv4: Uint8Array): Uint8Array {
  const address = Uint8Array.from(octets);
  for (const [index, at] of positions(length).entries()) address[at] = ipv4[index] ?? 0;
  return address;
}

/** Whether the address stands for an IPv4 one there: DNS64 made it up, and no name server has it. */
export function isSynthesized(prefix: Nat64Prefix, address: Uint8Array): boolean {
  const known = prefix.octets.subarray(0, prefix.length / 8);
  return (
    address.length === 16 &&
    address[reserved] === 0 &&
    known.every((octet, at) => octet === address[at])
  );
}

export function prefixText({ octets, length }: Nat64Prefix): string {
  return `${addressText(octets)}/${length}`;
}

/** `64:ff9b::/96`; undefined where it is no prefix of RFC 6052. */
export function parsePrefix(text: string): Nat64Prefix | undefined {
  const [, address = '', bits = ''] = /^([^/]*)\/(\d{2})$/.exec(text) ?? [];
  const length = lengths.find((known) => String(known) === bits);
  const octets = parseAddress(address);
  if (length === undefined || octets?.length !== 16) return undefined;
  return octets.every((octet, at) => octet === 0 || (at < length / 8 && at !== reserved))
    ? { length, octets }
    : undefined;
}

interface Place {
  readonly prefix: Nat64Prefix;
  readonly which: Uint8Array;
}

function placeIn(address: Uint8Array, length: Nat64Prefix['length']): readonly Place[] {
  if (address.length !== 16 || address[reserved] !== 0) return [];
  const which = wellKnown.find((known) =>
    positions(length).every((at, index) => address[at] === known[index]),
  );
  if (which === undefined) return [];
  const octets = address.map((octet, at) => (at < length / 8 ? octet : 0));
  return [{ prefix: { length, octets }, which }];
}

/** Where the four octets of the IPv4 address stand. */
function positions(length: Nat64Prefix['length']): readonly number[] {
  const first = length / 8;
  return Array.from({ length: 5 }, (_, index) => first + index)
    .filter((at) => at !== reserved)
    .slice(0, 4);
}

function isSame(left: Nat64Prefix, right: Nat64Prefix): boolean {
  return prefixText(left) === prefixText(right);
}
