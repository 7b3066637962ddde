import { createHash, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import { createKey } from '@sixhub/acme';
import type { Clock } from '@sixhub/base';
import * as x509 from '@peculiar/x509';
import type { SecretStore } from '../store/secrets.js';

/**
 * The hub's private certificate authority for its agents (public authorities no longer issue for client
 * authentication). ECDSA P-256. Subjects and extensions are always the hub's choice; of a request only the
 * public key is used.
 */
export interface PrivateCa {
  /** PEM. */
  readonly certificate: string;
  /** SHA-256 of the DER, hexadecimal: what join tokens pin. */
  readonly sha256: string;
  /** A client certificate (clientAuth alone, 90 days) for an agent. PEM. */
  issueClient(subject: { name: string; id: string }, publicKey: x509.PublicKey): Promise<string>;
  /** A server certificate (serverAuth alone, 90 days) with a new key. The chain has the CA, so that a pin can be checked. */
  issueServer(names: readonly string[]): Promise<{ key: string; chain: string }>;
}

const days = 86_400_000;
const leafDays = 90;
const caDays = 3_650;
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const secretName = 'private-ca';

x509.cryptoProvider.set(webcrypto);

export async function openPrivateCa(secrets: SecretStore, clock: Clock): Promise<PrivateCa> {
  const stored = (await secrets.find(secretName)) ?? (await create(secrets, clock));
  const certificate = new x509.X509Certificate(stored.publicPart);
  const signingKey = await importKey(stored.secret);

  const issue = async (
    subject: string,
    publicKey: x509.PublicKey | webcrypto.CryptoKey,
    purpose: x509.ExtendedKeyUsage,
    extensions: readonly x509.Extension[],
  ): Promise<string> => {
    const now = clock.now().getTime();
    const leaf = await x509.X509CertificateGenerator.create({
      serialNumber: randomSerial(),
      subject,
      issuer: certificate.subjectName,
      notBefore: new Date(now - 300_000), // clocks of young machines are a little off
      notAfter: new Date(now + leafDays * days),
      publicKey,
      signingKey,
      signingAlgorithm: ecdsa,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([purpose], true),
        await x509.AuthorityKeyIdentifierExtension.create(certificate),
        ...extensions,
      ],
    });
    return leaf.toString('pem');
  };

  return {
    certificate: stored.publicPart,
    sha256: createHash('sha256').update(Buffer.from(certificate.rawData)).digest('hex'),
    issueClient: ({ name, id }, publicKey) =>
      // 2.5.4.5 is serialNumber: the agent's id, so that a name used again is another agent.
      issue(`CN=${name}, 2.5.4.5=${id}`, publicKey, x509.ExtendedKeyUsage.clientAuth, []),
    async issueServer(names) {
      const key = await createKey('p256');
      const publicKey = await publicKeyOf(key);
      const leaf = await issue(`CN=${names[0]}`, publicKey, x509.ExtendedKeyUsage.serverAuth, [
        new x509.SubjectAlternativeNameExtension(
          names.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value })),
        ),
      ]);
      return { key, chain: `${leaf}\n${stored.publicPart}` };
    },
  };
}

async function create(
  secrets: SecretStore,
  clock: Clock,
): Promise<{ publicPart: string; secret: string }> {
  const secret = await createKey('p256');
  const signingKey = await importKey(secret);
  const publicKey = await publicKeyOf(secret);
  const now = clock.now().getTime();
  // The random part tells the CAs of two hubs apart in a person's eyes.
  const name = `CN=Sixhub CA ${randomBytes(4).toString('hex')}`;
  const root = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: name,
    issuer: name,
    notBefore: new Date(now - 300_000),
    notAfter: new Date(now + caDays * days),
    publicKey,
    signingKey,
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  const publicPart = root.toString('pem');
  await secrets.create(secretName, publicPart, secret);
  return { publicPart, secret };
}

/** RFC 5280 §4.1.2.2: positive, at most 20 octets. */
function randomSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = x509.PemConverter.decodeFirst(pem);
  return webcrypto.subtle.importKey('pkcs8', der, ecdsa, false, ['sign']);
}

async function publicKeyOf(privateKeyPem: string): Promise<webcrypto.CryptoKey> {
  const spki = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'der' });
  return webcrypto.subtle.importKey('spki', spki, ecdsa, true, ['verify']);
}

/** The public key of a PKCS#10 request whose self-signature holds; undefined for anything else. */
export async function readCsr(pem: string): Promise<x509.PublicKey | undefined> {
  try {
    const request = new x509.Pkcs10CertificateRequest(pem);
    return (await request.verify()) ? request.publicKey : undefined;
  } catch {
    return undefined; // not PEM, not PKCS#10, or a key kind that WebCrypto does not know
  }
}
