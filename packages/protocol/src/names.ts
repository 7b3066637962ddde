import * as z from 'zod';

/**
 * Names that cross the wire and end in paths, rows and logs. Each is parsed into one safe path component:
 * no slash, no leading dot, no upper case, so that `live/NAME` can only ever be a child of `live`.
 */

/** A certificate's (lineage's) name, by default the first domain: `example.org`. At most 253 characters, as a domain. */
export const certificateName = z
  .string()
  .max(253, 'is longer than 253 characters')
  .regex(
    /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/,
    'is not a certificate name: lower-case letters, digits, dots, dashes and underscores, a letter or digit at both ends',
  )
  .refine((name) => !name.includes('..'), 'is not a certificate name: two dots in a row')
  .brand<'CertificateName'>();
export type CertificateName = z.infer<typeof certificateName>;

/** A machine's name at the hub: `web`, `mx0`, `host-1.example.org`. At most 64 characters (X.520 common name). */
export const agentName = z
  .string()
  .max(64)
  .regex(
    /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/,
    'is not an agent name: lower-case letters, digits, dots and dashes, a letter or digit at both ends',
  )
  .brand<'AgentName'>();
export type AgentName = z.infer<typeof agentName>;

/** SHA-256 of a DER certificate, 64 lower-case hexadecimal digits. */
export const fingerprint = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 fingerprint');

/** A version's identifier: a UUID, so that versions of two hubs never meet. */
export const versionId = z.uuid();
