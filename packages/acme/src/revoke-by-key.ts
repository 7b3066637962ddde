import {
  createPrivateKey,
  createPublicKey,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import { z } from 'zod';
import { revocationReasons, type RevocationReason } from './domain/revocation.js';
import { plainGet, postSigned, type Exchange } from './http/exchange.js';

const resources = z.object({ newNonce: z.url(), revokeCert: z.url() });

/**
 * RFC 8555 §7.6: a revocation signed by the certificate's own key, which needs no account, so that it works where the
 * account is gone. Of all requests only this one is signed so; acme-client can't.
 */
export async function revokeByKey(
  exchange: Exchange,
  certificatePem: string,
  privateKeyPem: string,
  reason: RevocationReason,
): Promise<void> {
  const { data } = await plainGet(exchange, exchange.directoryUrl);
  const { newNonce, revokeCert: url } = resources.parse(JSON.parse(data));
  const key = createPrivateKey(privateKeyPem);
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  const { alg, hash } = algorithmOf(key);
  const payload = encode({
    certificate: new X509Certificate(certificatePem).raw.toString('base64url'),
    reason: revocationReasons[reason],
  });
  await postSigned(exchange, newNonce, url, (nonce) => {
    const head = encode({ alg, jwk, nonce, url });
    const signed = sign(hash, Buffer.from(`${head}.${payload}`), {
      key,
      dsaEncoding: 'ieee-p1363',
    });
    return JSON.stringify({ protected: head, payload, signature: signed.toString('base64url') });
  });
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** RFC 7518 §3.1. */
function algorithmOf(key: KeyObject): { readonly alg: string; readonly hash: string } {
  if (key.asymmetricKeyType === 'rsa') return { alg: 'RS256', hash: 'sha256' };
  return key.asymmetricKeyDetails?.namedCurve === 'secp384r1'
    ? { alg: 'ES384', hash: 'sha384' }
    : { alg: 'ES256', hash: 'sha256' };
}
