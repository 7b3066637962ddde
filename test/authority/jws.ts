import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** A request as RFC 8555 §6.2 has it: a flattened JWS, its signature not yet checked. */
export interface SignedRequest {
  readonly url: string;
  readonly nonce: string | undefined;
  readonly key: Jwk | undefined;
  readonly accountUrl: string | undefined;
  /** Undefined for POST-as-GET (§6.3). */
  readonly payload: unknown;
  isSignedBy(key: Jwk): boolean;
}

const jwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
});
export type Jwk = Readonly<z.infer<typeof jwk>>;

const flattened = z.object({ protected: z.string(), payload: z.string(), signature: z.string() });

const header = z.object({
  alg: z.literal('ES256'),
  url: z.string(),
  nonce: z.string().optional(),
  jwk: jwk.optional(),
  kid: z.string().optional(),
});

export function readSigned(body: unknown): SignedRequest {
  const parts = flattened.parse(body);
  const head = header.parse(fromBase64(parts.protected));
  return {
    url: head.url,
    nonce: head.nonce,
    key: head.jwk,
    accountUrl: head.kid,
    payload: parts.payload === '' ? undefined : fromBase64(parts.payload),
    isSignedBy: (key) =>
      verify(
        'sha256',
        Buffer.from(`${parts.protected}.${parts.payload}`),
        { key: publicKey(key), dsaEncoding: 'ieee-p1363' },
        Buffer.from(parts.signature, 'base64url'),
      ),
  };
}

/** RFC 7638. */
export function thumbprint({ crv, kty, x, y }: Jwk): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

function publicKey(key: Jwk): KeyObject {
  return createPublicKey({ key: { ...key }, format: 'jwk' });
}

function fromBase64(text: string): unknown {
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
}
