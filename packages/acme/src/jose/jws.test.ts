import { createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { createKey } from '@sixhub/base/keys';
import { publicJwk, thumbprint } from './jwk.js';
import { macKey, signingKey, signJws } from './jws.js';

test('RFC 7638 §3.1: the thumbprint of its RSA key', () => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
  const key = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' });
  expect(thumbprint(publicJwk(key))).toBe('NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs');
});

test('RFC 7515 appendix A.1: HS256', () => {
  const key = macKey(
    'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow',
  );
  const input =
    'eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';
  expect(key.sign(input).toString('base64url')).toBe('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk');
});

test('RFC 7515 appendix A.3: its ES256 signature and ours are checked by the same key', () => {
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
    y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
  };
  const input =
    'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ';
  const theirs =
    'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q';
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const ours = signingKey(key.export({ type: 'pkcs8', format: 'pem' }).toString());
  expect(ours.alg).toBe('ES256');
  const check = { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' } as const;
  for (const signature of [Buffer.from(theirs, 'base64url'), ours.sign(input)]) {
    expect(verify('sha256', Buffer.from(input), check, signature)).toBe(true);
  }
});

test.each([
  ['p256', 'ES256', 'sha256'],
  ['p384', 'ES384', 'sha384'],
  ['rsa2048', 'RS256', 'sha256'],
] as const)(
  'a flattened JWS by a key of kind %s, checked by node:crypto',
  async (kind, alg, hash) => {
    const key = signingKey(await createKey(kind));
    const head = { nonce: 'n', url: 'https://ca.test/order' };
    const jws = signJws(key, head, { reason: 4 });
    const signed = Buffer.from(`${jws.protected}.${jws.payload}`);
    const publicKey = createPublicKey({ key: { ...key.jwk }, format: 'jwk' });
    const check = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    expect(verify(hash, signed, check, Buffer.from(jws.signature, 'base64url'))).toBe(true);
    expect(decode(jws.protected)).toEqual({ alg, ...head });
    expect(decode(jws.payload)).toEqual({ reason: 4 });
  },
);

test('POST-as-GET has an empty payload', () => {
  expect(signJws(macKey('AA'), { url: 'https://ca.test/order/1' }, undefined).payload).toBe('');
});

function decode(text: string): unknown {
  return JSON.parse(Buffer.from(text, 'base64url').toString());
}
