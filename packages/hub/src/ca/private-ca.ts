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
  /** PEM, alone. */
  readonly certificate: string;
  /** Itself signed by the CA before it, PEM; none where it is the first. */
  readonly link: string | undefined;
  readonly notAfter: Date;
  /** SHA-256 of the DER, hexadecimal: what join tokens pin. */
  readonly sha256: string;
  /** A client certificate (clientAuth alone, 90 days) for an agent. PEM. */
  issueClient(subject: { name: string; id: string }, publicKey: x509.PublicKey): Promise<string>;
  /** A server certificate (serverAuth alone, 90 days) with a new key. The chain has the CA, so that a pin can be checked. */
  issueServer(names: readonly string[]): Promise<ServerCertificate>;
  /** A CA that is to succeed this one, with its link to this one. */
  successor(): Promise<StoredCa>;
}

export interface ServerCertificate {
  readonly key: string;
  /** The leaf with the CA, PEM. */
  readonly chain: string;
  /** The same for who trusts the CA before alone; undefined where there is no link to it. */
  readonly linkedChain: string | undefined;
}

/** As the store of secrets has it: the CA's certificate, then its link. */
export interface StoredCa {
  readonly publicPart: string;
  readonly secret: string;
}

const days = 86_400_000;
const leafDays = 90;
const caDays = 3_650;
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
export const secretName = 'private-ca';

x509.cryptoProvider.set(webcrypto);

export async function openPrivateCa(secrets: SecretStore, clock: Clock): Promise<PrivateCa> {
  const found = await secrets.find(secretName);
  if (found !== undefined) return privateCa(found, clock);
  const first = await makeCa(clock, `CN=Sixhub CA ${randomBytes(4).toString('hex')}`);
  await secrets.create(secretName, first.publicPart, first.secret);
  return privateCa(first, clock);
}

export async function privateCa(stored: StoredCa, clock: Clock): Promise<PrivateCa> {
  const [pem = '', link] = certificatesIn(stored.publicPart);
  const certificate = new x509.X509Certificate(pem);
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
    certificate: pem,
    link,
    notAfter: certificate.notAfter,
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
      const chainWith = (...issuers: readonly string[]): string => [leaf, ...issuers].join('\n');
      return {
        key,
        chain: chainWith(pem),
        // The link first: a client takes the first issuer that fits, and only the CA of before ends this way.
        linkedChain: link === undefined ? undefined : chainWith(link, pem),
      };
    },
    async successor() {
      // The same name: the link is self-issued, and not counted by the path length of 0 (RFC 5280 §4.2.1.9).
      const next = await makeCa(clock, certificate.subjectName);
      const publicKey = await publicKeyOf(next.secret);
      const signed = await makeCaCertificate({
        ...{ clock, publicKey, signingKey, subject: certificate.subjectName },
        notAfter: certificate.notAfter, // RFC 4210 §4.4: as long as the CA that vouches for it
        issuer: await x509.AuthorityKeyIdentifierExtension.create(certificate),
      });
      return { ...next, publicPart: `${next.publicPart}\n${signed}` };
    },
  };
}

/** The random part of a first CA's name tells the CAs of two hubs apart in a person's eyes. */
async function makeCa(clock: Clock, subject: string | x509.Name): Promise<StoredCa> {
  const secret = await createKey('p256');
  const publicPart = await makeCaCertificate({
    ...{
      clock,
      subject,
      publicKey: await publicKeyOf(secret),
      signingKey: await importKey(secret),
    },
    notAfter: new Date(clock.now().getTime() + caDays * days),
    issuer: undefined,
  });
  return { publicPart, secret };
}

interface CaCertificate {
  readonly clock: Clock;
  /** Its issuer's, too. */
  readonly subject: string | x509.Name;
  readonly publicKey: webcrypto.CryptoKey;
  readonly signingKey: webcrypto.CryptoKey;
  readonly notAfter: Date;
  /** Undefined: itself. */
  readonly issuer: x509.AuthorityKeyIdentifierExtension | undefined;
}

async function makeCaCertificate(wish: CaCertificate): Promise<string> {
  const { clock, subject, publicKey, signingKey, notAfter, issuer } = wish;
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ serialNumber: randomSerial(), subject, issuer: subject, publicKey, signingKey, notAfter },
    notBefore: new Date(clock.now().getTime() - 300_000),
    signingAlgorithm: ecdsa,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ...(issuer === undefined ? [] : [issuer]),
    ],
  });
  return certificate.toString('pem');
}

function certificatesIn(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
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
