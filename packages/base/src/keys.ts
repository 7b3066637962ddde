import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

/** The kinds of certificate key that public authorities accept and servers know. */
export const keyKinds = ['p256', 'p384', 'rsa2048', 'rsa3072', 'rsa4096'] as const;
export type KeyKind = (typeof keyKinds)[number];

const generate = promisify(generateKeyPair);

/** A new private key, PKCS#8 PEM. It is made in Node's thread pool: an RSA key takes seconds. */
export async function createKey(kind: KeyKind): Promise<string> {
  const { privateKey } = await pair(kind);
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function pair(kind: KeyKind) {
  switch (kind) {
    case 'p256':
      return generate('ec', { namedCurve: 'P-256' });
    case 'p384':
      return generate('ec', { namedCurve: 'P-384' });
    case 'rsa2048':
      return generate('rsa', { modulusLength: 2048 });
    case 'rsa3072':
      return generate('rsa', { modulusLength: 3072 });
    case 'rsa4096':
      return generate('rsa', { modulusLength: 4096 });
    default:
      return kind satisfies never;
  }
}

/** Undefined for a kind that is none of ours. */
export function keyKindOf(privateKeyPem: string): KeyKind | undefined {
  return kindOfKey(createPrivateKey(privateKeyPem));
}

/** The same of either half of a pair. */
export function kindOfKey({
  asymmetricKeyType,
  asymmetricKeyDetails,
}: KeyObject): KeyKind | undefined {
  const named = {
    prime256v1: 'p256',
    secp384r1: 'p384',
  }[asymmetricKeyDetails?.namedCurve ?? ''];
  const kind = named ?? `${asymmetricKeyType}${asymmetricKeyDetails?.modulusLength}`;
  return keyKinds.find((one) => one === kind);
}
