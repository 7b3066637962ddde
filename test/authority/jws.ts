import { createHash, createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { z } from 'zod';
import { Refused } from './refusal.js';

/** A request as RFC 8555 §6.2 has it: a flattened JWS, its signature not yet checked. */
export interface SignedRequest {
  readonly algorithm: Algorithm;
  readonly url: string;
  readonly nonce: string | undefined;
  readonly key: Jwk | undefined;
  /** An account's URL, or in an external account binding (§7.3.4) what the authority called its MAC key. */
  readonly keyId: string | undefined;
  /** Undefined for POST-as-GET (§6.3). */
  readonly payload: unknown;
  isSignedBy(key: Jwk): boolean;
  /** With this MAC key, base64url. */
  isAuthenticatedBy(macKey: string): boolean;
}

const jwk = z.discriminatedUnion('kty', [
  z.object({
    kty: z.literal('EC'),
    crv: z.enum(['P-256', 'P-384']),
    x: z.string(),
    y: z.string(),
  }),
  z.object({ kty: z.literal('RSA'), n: z.string(), e: z.string() }),
]);
export type Jwk = Readonly<z.infer<typeof jwk>>;

export function readJwk(value: unknown): Jwk {
  return jwk.parse(value);
}

/** §6.2: the header is protected as a whole, and there is one signature. */
const flattened = z.strictObject({
  protected: z.string(),
  payload: z.string(),
  signature: z.string(),
});

/** RFC 7518 §3.1. */
const hashes = { ES256: 'sha256', ES384: 'sha384', RS256: 'sha256', HS256: 'sha256' } as const;
type Algorithm = keyof typeof hashes;

const header = z.object({
  alg: z.enum(['ES256', 'ES384', 'RS256', 'HS256']),
  url: z.string(),
  nonce: z.string().optional(),
  jwk: jwk.optional(),
  kid: z.string().optional(),
});

export function readSigned(body: unknown): SignedRequest {
  const parts = flattened.parse(body);
  const { alg, ...head } = header.parse(fromBase64(parts.protected));
  if (head.jwk !== undefined && head.kid !== undefined) {
    throw new Refused(400, 'malformed', 'jwk and kid exclude each other');
  }
  const signed = Buffer.from(`${parts.protected}.${parts.payload}`);
  const signature = Buffer.from(parts.signature, 'base64url');
  return {
    algorithm: alg,
    url: head.url,
    nonce: head.nonce,
    key: head.jwk,
    keyId: head.kid,
    payload: parts.payload === '' ? undefined : fromBase64(parts.payload),
    isSignedBy: (key) =>
      alg === algorithmOf(key) &&
      verify(
        hashes[alg],
        signed,
        { key: createPublicKey({ key: { ...key }, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
        signature,
      ),
    isAuthenticatedBy(macKey) {
      const mac = createHmac('sha256', Buffer.from(macKey, 'base64url')).update(signed).digest();
      return alg === 'HS256' && mac.length === signature.length && timingSafeEqual(mac, signature);
    },
  };
}

function algorithmOf(key: Jwk): Algorithm {
  if (key.kty === 'RSA') return 'RS256';
  return key.crv === 'P-384' ? 'ES384' : 'ES256';
}

/** RFC 7638: the members that are required, in this order. */
export function thumbprint(key: Jwk): string {
  const members =
    key.kty === 'RSA'
      ? { e: key.e, kty: key.kty, n: key.n }
      : { crv: key.crv, kty: key.kty, x: key.x, y: key.y };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

function fromBase64(text: string): unknown {
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
}
