import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';

/**
 * A PKCS#10 request (RFC 2986) for a key of this machine. It carries a public key and the proof that its private key
 * is here, nothing else: subject and extensions are the hub's choice, so none are asked for.
 * The library is loaded here and not earlier: a run without a renewal never needs it.
 */
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** PKCS#8, PEM. */
export async function makePrivateKey(): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}

export async function makeSigningRequest(privateKey: string): Promise<string> {
  const { Pkcs10CertificateRequestGenerator } = await import('@peculiar/x509');
  const secret = createPrivateKey(privateKey);
  const request = await Pkcs10CertificateRequestGenerator.create(
    {
      name: '',
      keys: {
        privateKey: await webcrypto.subtle.importKey(
          'pkcs8',
          secret.export({ type: 'pkcs8', format: 'der' }),
          algorithm,
          false,
          ['sign'],
        ),
        publicKey: await webcrypto.subtle.importKey(
          'spki',
          createPublicKey(secret).export({ type: 'spki', format: 'der' }),
          algorithm,
          true,
          ['verify'],
        ),
      },
      signingAlgorithm: algorithm,
    },
    webcrypto,
  );
  return request.toString('pem');
}
