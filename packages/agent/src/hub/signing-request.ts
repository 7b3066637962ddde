import { createPrivateKey, createPublicKey, generateKeyPair, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { bitString, contextTag, der, objectIdentifier, sequence, tags } from '@sixhub/base/der';

const newKeyPair = promisify(generateKeyPair);

/** P-256; PKCS#8, PEM. */
export async function makePrivateKey(): Promise<string> {
  const { privateKey } = await newKeyPair('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/**
 * A PKCS#10 request (RFC 2986) for a key of this machine. It carries a public key and the proof that its private key
 * is here, nothing else: subject and extensions are the hub's choice, so none are asked for.
 */
export function makeSigningRequest(privateKey: string): string {
  const key = createPrivateKey(privateKey);
  const info = sequence(
    der(tags.integer, Buffer.of(0)),
    sequence(),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    der(contextTag(0)),
  );
  const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2')); // RFC 5758 §3.2
  const request = sequence(info, ecdsaWithSha256, bitString(sign('sha256', info, key)));
  const lines = request.toString('base64').match(/.{1,64}/g) ?? [];
  return [
    '-----BEGIN CERTIFICATE REQUEST-----',
    ...lines,
    '-----END CERTIFICATE REQUEST-----',
    '',
  ].join('\n');
}
