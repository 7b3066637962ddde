import * as z from 'zod';
import { hubFacts } from './hub-facts.js';
import { keyRequest } from './key-request.js';
import { certificateName, fingerprint, versionId } from './names.js';

export const keyFamily = z.enum(['ecdsa', 'rsa']);
export type KeyFamily = z.infer<typeof keyFamily>;

/** GET /v1/agent/manifest: what an agent should have and serve. Has an ETag; `If-None-Match` answers 304. */
export const manifest = z.object({
  certificates: z.array(
    z.object({
      name: certificateName,
      version: versionId,
      /** Of the leaf. */
      fingerprint,
      names: z.array(z.string()),
      notAfter: z.iso.datetime(),
      /** Of two certificates for the same names a server shows the one whose key the client can verify. */
      key: keyFamily.optional(),
      /** Fingerprints of earlier versions that no agent may go back to; none from a hub that does not tell. */
      revoked: z.array(fingerprint).default([]),
    }),
  ),
  /** A hub of before does not tell. What can't be read of it keeps no agent from its certificates. */
  hub: hubFacts.optional().catch(undefined),
  /** Keys to make here; left out where there are none. */
  requests: z.array(keyRequest).optional(),
});
export type Manifest = z.infer<typeof manifest>;
export type WantedCertificate = Manifest['certificates'][number];

/** GET /v1/agent/bundles/{name}: the current version, with its private key if the hub has it. Only for who has a grant. */
export const bundle = z.object({
  name: certificateName,
  version: versionId,
  /** The leaf alone, PEM. */
  certificate: z.string(),
  /** The issuers from the leaf's upwards, PEM, without the root. */
  chain: z.string(),
  /** PKCS#8, PEM. Left out where the agent made the key itself. */
  privateKey: z.string().optional(),
});
export type Bundle = z.infer<typeof bundle>;
