import { X509Certificate } from 'node:crypto';
import type { RevocationReason } from '../domain/revocation.js';
import { revocationReasons } from '../domain/revocation.js';
import type { Order } from '../http/documents.js';
import type { Exchange, Reply } from '../http/exchange.js';
import { linkTargets } from '../http/link.js';
import { signingKey } from '../jose/jws.js';
import type { Account } from './account.js';
import { byKey } from './signer.js';

const pemChain = 'application/pem-certificate-chain';

/** RFC 8555 §7.4.2: leaf and issuers, PEM; of the chains offered, the one that an issuer of this name is the nearest to the root of. */
export async function downloadCertificate(
  exchange: Exchange,
  account: Account,
  order: Order,
  preferredChain: string | undefined,
): Promise<string> {
  if (order.certificate === undefined)
    throw exchange.malformed(`the order is ${order.status} and has no certificate`);
  const read = async (url: string): Promise<Reply> => {
    const reply = await account.post(exchange, url, undefined, pemChain);
    if (reply.text.includes('-----BEGIN CERTIFICATE-----')) return reply;
    throw exchange.malformed('what it gave for download is no certificate');
  };
  const usual = await read(order.certificate);
  if (preferredChain === undefined) return usual.text;
  const alternates = await Promise.all(
    linkTargets(usual.link, 'alternate', usual.url).map(async (url) => (await read(url)).text),
  );
  const [best] = [usual.text, ...alternates]
    .map((chain) => ({ chain, distance: distanceFromRoot(chain, preferredChain) }))
    .filter(({ distance }) => distance !== undefined)
    .toSorted((one, other) => (one.distance ?? 0) - (other.distance ?? 0));
  return best?.chain ?? usual.text;
}

/** How many certificates from the end of the chain on this common name issues first; undefined: none. */
function distanceFromRoot(chain: string, commonName: string): number | undefined {
  const issuers = (chain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [])
    .map(issuerOf)
    .map((lines) => lines.includes(`CN=${commonName}`));
  const first = issuers.indexOf(true);
  return first === -1 ? undefined : issuers.length - first;
}

/** None of one that is damaged: who takes the chain says so. */
function issuerOf(pem: string): readonly string[] {
  try {
    return new X509Certificate(pem).issuer.split('\n');
  } catch {
    return [];
  }
}

/** §7.6, by the account that ordered it. */
export async function revokeByAccount(
  exchange: Exchange,
  account: Account,
  revokeCert: string,
  certificatePem: string,
  reason: RevocationReason,
): Promise<void> {
  await account.post(exchange, revokeCert, revocation(certificatePem, reason));
}

/** §7.6, by the certificate's own key, which needs no account, so that it works where the account is gone. */
export async function revokeByCertificateKey(
  exchange: Exchange,
  revokeCert: string,
  certificatePem: string,
  privateKeyPem: string,
  reason: RevocationReason,
): Promise<void> {
  const payload = revocation(certificatePem, reason);
  await exchange.post(revokeCert, byKey(signingKey(privateKeyPem), payload));
}

function revocation(certificatePem: string, reason: RevocationReason): object {
  return {
    certificate: new X509Certificate(certificatePem).raw.toString('base64url'),
    reason: revocationReasons[reason],
  };
}
