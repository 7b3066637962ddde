import { createHmac, createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { publicJwk, type Jwk } from './jwk.js';

/** What signs a JWS (RFC 7515), under the name that RFC 7518 §3.1 has for how. */
export interface JwsKey {
  readonly alg: 'ES256' | 'ES384' | 'RS256' | 'HS256';
  sign(input: string): Buffer;
}

/** A key pair; its public half goes with it. */
export interface SigningKey extends JwsKey {
  readonly jwk: Jwk;
}

/** RFC 7515 §7.2.2, which is the one form that RFC 8555 §6.2 takes. */
export interface FlattenedJws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

/** PKCS#8 PEM. */
export function signingKey(pem: string): SigningKey {
  const key = createPrivateKey(pem);
  const { alg, hash } = algorithmOf(key);
  return {
    alg,
    jwk: publicJwk(key),
    // RFC 7518 §3.4: R and S one after the other, not DER. RSA has no such choice.
    sign: (input) => sign(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }),
  };
}

/** RFC 8555 §7.3.4: the MAC key that an authority gave out, base64url; some give base64, which is read as well. */
export function macKey(base64url: string): JwsKey {
  const key = Buffer.from(base64url, 'base64url');
  return { alg: 'HS256', sign: (input) => createHmac('sha256', key).update(input).digest() };
}

/** `payload` undefined: empty, as POST-as-GET has it (RFC 8555 §6.3). */
export function signJws(key: JwsKey, header: object, payload: object | undefined): FlattenedJws {
  const head = encode({ alg: key.alg, ...header });
  const body = payload === undefined ? '' : encode(payload);
  return {
    protected: head,
    payload: body,
    signature: key.sign(`${head}.${body}`).toString('base64url'),
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function algorithmOf(key: KeyObject): {
  readonly alg: 'ES256' | 'ES384' | 'RS256';
  readonly hash: string;
} {
  if (key.asymmetricKeyType === 'rsa') return { alg: 'RS256', hash: 'sha256' };
  return key.asymmetricKeyDetails?.namedCurve === 'secp384r1'
    ? { alg: 'ES384', hash: 'sha384' }
    : { alg: 'ES256', hash: 'sha256' };
}
