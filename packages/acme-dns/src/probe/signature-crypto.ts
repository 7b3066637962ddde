import { createHash, createPublicKey, verify, type JsonWebKey, type KeyObject } from 'node:crypto';
import { systemCode } from '@sixhub/base';

/** How a DNSKEY of one algorithm becomes a key of Node's, and how that verifies. */
interface Algorithm {
  readonly key: (octets: Uint8Array) => JsonWebKey;
  /** Null where the algorithm hashes by itself. */
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
}

/** IANA's "DNS Security Algorithm Numbers", as far as they are in use. */
const algorithms = new Map<number, Algorithm>([
  [8, { key: rsa, hash: 'sha256' }], // RFC 5702
  [10, { key: rsa, hash: 'sha512' }],
  [13, { key: curve('P-256', 32), hash: 'sha256' }], // RFC 6605
  [14, { key: curve('P-384', 48), hash: 'sha384' }],
  [15, { key: edwards('Ed25519'), hash: null }], // RFC 8080
  [16, { key: edwards('Ed448'), hash: null }],
]);

/** IANA's "Digest Algorithms" of DS records. */
const digests = new Map([
  [1, 'sha1'],
  [2, 'sha256'],
  [4, 'sha384'],
]);

export function knowsAlgorithm(algorithm: number): boolean {
  return algorithms.has(algorithm);
}

export function knowsDigest(digestType: number): boolean {
  return digests.has(digestType);
}

/** Empty for a digest that it does not know, which equals none. */
export function digestOf(digestType: number, input: Uint8Array): Uint8Array {
  const hash = digests.get(digestType);
  return hash === undefined ? new Uint8Array() : createHash(hash).update(input).digest();
}

/** Whether the signature is that key's; a key or a signature that is none makes it false. */
export function isSignedBy(
  publicKey: Uint8Array,
  algorithm: number,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const known = algorithms.get(algorithm);
  const key = known && readKey(known.key(publicKey));
  if (known === undefined || key === undefined) return false;
  return verify(known.hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

function readKey(key: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch (error) {
    // A point that is on no curve, and the like. What has no code is a fault of ours.
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

/** RFC 3110 §2: the exponent behind its length, in one octet or in three; then the modulus. */
function rsa(octets: Uint8Array): JsonWebKey {
  const [first = 0, high = 0, low = 0] = octets;
  const [start, length] = first === 0 ? [3, (high << 8) | low] : [1, first];
  const exponent = octets.subarray(start, start + length);
  return { kty: 'RSA', e: text(exponent), n: text(octets.subarray(start + length)) };
}

/** RFC 6605 §4: both coordinates, one behind the other. */
function curve(crv: string, size: number): Algorithm['key'] {
  return (octets) => ({
    kty: 'EC',
    crv,
    x: text(octets.subarray(0, size)),
    y: text(octets.subarray(size)),
  });
}

/** RFC 8080 §3 */
function edwards(crv: string): Algorithm['key'] {
  return (octets) => ({ kty: 'OKP', crv, x: text(octets) });
}

function text(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64url');
}
