import {
  createHash,
  createPrivateKey,
  createPublicKey,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';

/** A key by its public part: SHA-256 of the SubjectPublicKeyInfo, hexadecimal, as TLSA 3 1 1 has it (RFC 6698 §2.1). */
export function publicKeyOfCertificate(pem: string): string {
  return hash(new X509Certificate(pem).publicKey);
}

export function publicKeyOfPrivateKey(pem: string): string {
  return hash(createPublicKey(createPrivateKey(pem)));
}

function hash(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
