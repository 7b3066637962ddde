/**
 * As much of DER (X.690) as a certificate request (RFC 2986) takes to write, and a certificate's serial and authority
 * key identifier (RFC 5280) to read. A library for all of ASN.1 takes 3 ms for a request where this takes none, and is
 * half a megabyte of the agent's one file.
 */

export const tags = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const;

/** [number], constructed (X.690 §8.14). */
export function contextTag(number: number): number {
  return 0xa0 | number;
}

export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content]);
}

export function sequence(...contents: readonly Uint8Array[]): Buffer {
  return der(tags.sequence, ...contents);
}

/** A whole number of octets, so no unused bits (§8.6.2.2). */
export function bitString(content: Uint8Array): Buffer {
  return der(tags.bitString, Buffer.of(0), content);
}

/** `2.5.29.17` (§8.19). */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(tags.objectIdentifier, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): readonly number[] {
  const octets = [arc & 0x7f];
  for (let left = arc >>> 7; left > 0; left >>>= 7) octets.unshift((left & 0x7f) | 0x80);
  return octets;
}

function lengthOctets(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let left = length; left > 0; left >>>= 8) octets.unshift(left & 0xff);
  return [0x80 | octets.length, ...octets];
}

/** One value read: its tag, and its content as it lies there. */
export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
}

/** The values that follow each other in `bytes`; undefined where that is not DER. Tags above 30 do not occur here. */
export function readDer(bytes: Buffer): readonly DerValue[] | undefined {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at];
    const first = bytes[at + 1];
    if (tag === undefined || first === undefined) return undefined;
    const long = first < 0x80 ? 0 : first & 0x7f;
    if (long > 3 || first === 0x80 || at + 2 + long > bytes.length) return undefined;
    const length = long === 0 ? first : bytes.readUIntBE(at + 2, long);
    const start = at + 2 + long;
    if (start + length > bytes.length) return undefined;
    values.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return values;
}
