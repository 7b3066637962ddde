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

/** RFC 7638: SHA-256 of the public key's required members as JSON, base64url. */
export function thumbprintOf(privateKeyPem: string): string {
  const jwk = createPublicKey(createPrivateKey(privateKeyPem)).export({ format: 'jwk' });
  const members = Object.entries(jwk).filter(([name]) => /^(crv|e|kty|n|x|y)$/.test(name));
  const inOrder = members.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(inOrder)))
    .digest('base64url');
}

function hash(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}
