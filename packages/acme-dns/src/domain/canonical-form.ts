import { dnsClass } from './codes.js';
import { DomainName } from './domain-name.js';
import { dataWithNames } from './rdata-names.js';
import type { SignatureFields } from './record-fields.js';
import type { ReceivedRecord } from './response.js';
import { WireReader } from './wire-reader.js';

/** The octets that DNSSEC's signatures and digests are over: RFC 4034, sections 3.1.8.1, 5.1.4 and 6. */

/** What a DS record's digest is over (RFC 4034 §5.1.4). */
export function digestInput(key: ReceivedRecord): Uint8Array {
  return joined([key.name.key, key.rdata]);
}

/**
 * What `signature`, the fields of an RRSIG record, was made over (§3.1.8.1): its own data without the signature, then the
 * records of the set in canonical form and order (§6.3). Undefined where it claims more labels than the name has.
 */
export function signedOctets(
  signature: SignatureFields,
  set: readonly ReceivedRecord[],
): Uint8Array | undefined {
  const [first] = set;
  const owner = first === undefined ? undefined : signedOwner(first.name, signature.labels);
  if (first === undefined || owner === undefined) return undefined;
  const head = [owner.key, u16(first.type), u16(dnsClass.in), u32(signature.originalTtl)];
  const datas = set.map(canonicalData).toSorted(byOctets);
  const records = datas
    .filter((data, index) => index === 0 || byOctets(data, datas[index - 1] ?? data) !== 0)
    .flatMap((data) => [...head, u16(data.length), data]);
  return joined([signatureHead(signature), ...records]);
}

/** Whether the set came out of a wildcard (RFC 4035 §5.3.4). */
export function isFromWildcard({ labels }: SignatureFields, owner: DomainName): boolean {
  return labels < countedLabels(owner);
}

/** RFC 4034, appendix B; not for algorithm 1, which nobody has any more. */
export function keyTag(rdata: Uint8Array): number {
  const sum = rdata.reduce((sum, octet, at) => sum + (at % 2 === 0 ? octet << 8 : octet), 0);
  return (sum + (sum >>> 16)) & 0xffff;
}

function canonicalData({ type, rdata }: ReceivedRecord): Uint8Array {
  return dataWithNames(new WireReader(rdata), type, ({ key }) => key);
}

function signatureHead(signature: SignatureFields): Uint8Array {
  const { covered, algorithm, labels, originalTtl, expiration, inception, keyTag, signer } =
    signature;
  return joined([
    u16(covered),
    Uint8Array.of(algorithm, labels),
    ...[originalTtl, expiration, inception].map(u32),
    u16(keyTag),
    signer.key,
  ]);
}

/** The name itself, or the wildcard that it came out of (RFC 4035 §5.3.2). */
function signedOwner(owner: DomainName, labels: number): DomainName | undefined {
  const beyond = countedLabels(owner) - labels;
  if (beyond < 0) return undefined;
  if (beyond === 0) return owner;
  const start = owner.labelOffsets()[owner.labelOffsets().length - labels] ?? owner.wire.length - 1;
  return DomainName.ofWire(Uint8Array.of(1, asterisk, ...owner.wire.subarray(start)));
}

const asterisk = 0x2a;

/** Neither the root nor a wildcard's own asterisk counts (RFC 4034 §3.1.3). */
function countedLabels(owner: DomainName): number {
  const isWildcard = owner.wire[0] === 1 && owner.wire[1] === asterisk;
  return owner.labelOffsets().length - (isWildcard ? 1 : 0);
}

/** As if a missing octet were before every other (RFC 4034 §6.3). */
function byOctets(left: Uint8Array, right: Uint8Array): number {
  const at = left.findIndex((octet, index) => octet !== right[index]);
  return at === -1 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}
