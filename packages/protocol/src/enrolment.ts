import * as z from 'zod';
import { agentName } from './names.js';

/**
 * A join token is printed once by `hub agent add` and read by `hub-agent enroll`:
 * where the hub is, which CA it must show before it is told the secret, and the secret itself.
 */
export const joinToken = z.object({
  /** The hub's addresses for agents, `https://host:port`, in the order to try. */
  hubs: z.array(z.url({ protocol: /^https$/ })).min(1),
  /** SHA-256 of the hub's CA certificate (DER), hexadecimal. */
  caSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** 32 random bytes, base64url. */
  secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type JoinToken = z.infer<typeof joinToken>;

const prefix = 'sixhub1.';

export function formatJoinToken(token: JoinToken): string {
  return prefix + Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** Undefined where the text is no join token of this version. White space around it is ignored. */
export function parseJoinToken(text: string): JoinToken | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith(prefix)) return undefined;
  try {
    const json: unknown = JSON.parse(
      Buffer.from(trimmed.slice(prefix.length), 'base64url').toString('utf8'),
    );
    return joinToken.safeParse(json).data;
  } catch {
    return undefined; // cut or mistyped: base64url of something that is not JSON
  }
}

/** The name that the hub's certificate for agents carries, whatever address it is reached at. */
export const hubServerName = 'hub.sixhub.internal';

/**
 * Asked for (SNI) by who only wants to see the hub's CA: its chain then ends in that, and in nothing else. What is shown
 * there carries the name above.
 */
export const enrolServerName = `enrol.${hubServerName}`;

/** POST /v1/enroll, the only agent route without a client certificate. */
export const enrolRequest = z.object({
  secret: joinToken.shape.secret,
  /** PKCS#10, PEM; only its public key is used, subject and extensions are the hub's choice. */
  csr: z.string().max(16_384),
});
export type EnrolRequest = z.infer<typeof enrolRequest>;

/** POST /v1/agent/identity: a new client certificate, asked for with the old one. */
export const identityRequest = enrolRequest.pick({ csr: true }).extend({
  /** SHA-256 of the CA, hexadecimal, that it is wanted from: one that the agent trusts. */
  ca: z.string().optional(),
});
export type IdentityRequest = z.infer<typeof identityRequest>;

/** Answer to both. */
export const identity = z.object({
  agent: agentName,
  /** The client certificate, PEM. */
  certificate: z.string(),
  /** The hub's CA, PEM. */
  ca: z.string(),
});
export type Identity = z.infer<typeof identity>;
