import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { bitString, contextTag, der, objectIdentifier, sequence, tags } from './der.js';

const signInBackground = promisify<string, Buffer, KeyObject, Buffer>(sign);

/**
 * A certificate request (RFC 2986), PEM, with `names` in subjectAltName (RFC 8555 §7.4); without any, it is a public key
 * and the proof that its private key is there.
 */
export async function createCsr(names: readonly string[], privateKeyPem: string): Promise<string> {
  const key = createPrivateKey(privateKeyPem);
  const { identifier, hash } = signatureOf(key);
  const info = sequence(
    der(tags.integer, Buffer.of(0)),
    sequence(), // no subject: a common name says nothing that subjectAltName does not
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    der(contextTag(0), ...(names.length === 0 ? [] : [extensionRequest(names)])),
  );
  const request = sequence(info, identifier, bitString(await signInBackground(hash, info, key)));
  const lines = request.toString('base64').match(/.{1,64}/g) ?? [];
  return [
    '-----BEGIN CERTIFICATE REQUEST-----',
    ...lines,
    '-----END CERTIFICATE REQUEST-----',
    '',
  ].join('\n');
}

/** RFC 2985 §5.4.2, with RFC 5280 §4.2.1.6 in it. */
function extensionRequest(names: readonly string[]): Buffer {
  const dnsName = 0x82; // [2], primitive
  const general = sequence(...names.map((name) => der(dnsName, Buffer.from(name, 'latin1'))));
  const subjectAltName = sequence(objectIdentifier('2.5.29.17'), der(tags.octetString, general));
  return sequence(
    objectIdentifier('1.2.840.113549.1.9.14'),
    der(tags.set, sequence(subjectAltName)),
  );
}

/** RFC 5758 §3.2; RFC 4055 §5, where the parameters are NULL. */
function signatureOf(key: KeyObject): { readonly identifier: Buffer; readonly hash: string } {
  if (key.asymmetricKeyType === 'rsa') {
    const identifier = sequence(objectIdentifier('1.2.840.113549.1.1.11'), der(tags.null));
    return { identifier, hash: 'sha256' };
  }
  return key.asymmetricKeyDetails?.namedCurve === 'secp384r1'
    ? { identifier: sequence(objectIdentifier('1.2.840.10045.4.3.3')), hash: 'sha384' }
    : { identifier: sequence(objectIdentifier('1.2.840.10045.4.3.2')), hash: 'sha256' };
}
