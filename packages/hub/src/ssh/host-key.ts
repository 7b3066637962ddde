import { createHash } from 'node:crypto';

/** A host's public key as it is sent (RFC 4253 §6.6) and as known_hosts keeps it. */
export interface HostKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa` … */
  readonly type: string;
  /** Base64. */
  readonly blob: string;
}

/** The first field of the blob says which kind it is. */
export function hostKeyOf(raw: Uint8Array): HostKey {
  const bytes = Buffer.from(raw);
  const length = bytes.length < 4 ? 0 : bytes.readUInt32BE(0);
  return { type: bytes.subarray(4, 4 + length).toString('latin1'), blob: bytes.toString('base64') };
}

/** As `ssh-keygen -l` prints it. */
export function fingerprintOf({ blob }: Pick<HostKey, 'blob'>): string {
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
}

/** The signature algorithms by which a server proves a key of this type (RFC 8332 for RSA; SHA-1 is not among them). */
export function algorithmsOf(type: string): readonly string[] {
  return type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type];
}
