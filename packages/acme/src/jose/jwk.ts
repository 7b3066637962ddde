import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** The members that a thumbprint takes, and no others, in its order (RFC 7638 §3.2): zod keeps the schema's. */
const publicMembers = z.union([
  z.object({ crv: z.string(), kty: z.literal('EC'), x: z.string(), y: z.string() }),
  z.object({ e: z.string(), kty: z.literal('RSA'), n: z.string() }),
]);
export type Jwk = Readonly<z.infer<typeof publicMembers>>;

/** RFC 7517, of the public half. */
export function publicJwk(key: KeyObject): Jwk {
  const half = key.type === 'public' ? key : createPublicKey(key);
  return publicMembers.parse(half.export({ format: 'jwk' }));
}

/** RFC 7638: what a key is called in a key authorization (RFC 8555 §8.1). */
export function thumbprint(jwk: Jwk): string {
  return createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');
}
