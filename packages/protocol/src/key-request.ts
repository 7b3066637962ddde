import { keyKinds } from '@sixhub/base/keys';
import * as z from 'zod';
import { certificateName, versionId } from './names.js';

/** SHA-256 of a SubjectPublicKeyInfo (DER), hexadecimal. */
export const publicKeyHash = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * A key that is to be made on the agent's machine and to stay there; the hub gets a PKCS#10 request for it. Listed in
 * the agent's manifest until the version that is made with it is there, or nothing comes of it.
 */
export const keyRequest = z.object({
  id: z.uuid(),
  certificate: certificateName,
  /** All that the request must ask for, in subjectAltName: an authority takes it as it is (RFC 8555 §7.4). */
  names: z.array(z.string()).min(1),
  key: z.enum(keyKinds),
  /** The public key to keep, where its pair is still there. */
  keep: publicKeyHash.nullable(),
  /** The public key of the request that the hub has; null while it has none. */
  answered: publicKeyHash.nullable(),
});
export type KeyRequest = z.infer<typeof keyRequest>;

/** POST /v1/agent/requests/{id}: the answer. The same again changes nothing. */
export const keyAnswer = z.object({
  /** PKCS#10, PEM. */
  csr: z.string().max(65_536),
});

/** POST /v1/agent/lost-keys: the key of this version was made on the machine, and is not there any more. */
export const lostKey = z.object({ certificate: certificateName, version: versionId });
export type LostKey = z.infer<typeof lostKey>;
