import { createCsr } from '@sixhub/base/certificate-request';
import { createKey } from '@sixhub/base/keys';

/** P-256; PKCS#8, PEM. */
export function makePrivateKey(): Promise<string> {
  return createKey('p256');
}

/**
 * A PKCS#10 request for who this machine is at the hub. It carries a public key and the proof that its private key is
 * here, nothing else: subject and extensions are the hub's choice, so none are asked for.
 */
export function makeSigningRequest(privateKey: string): Promise<string> {
  return createCsr([], privateKey);
}
