import { createPublicKey, randomBytes, type webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** How what it issues is not what was asked for. */
export type Misissue =
  | 'other-key'
  | 'extra-name'
  | 'missing-name'
  | 'expired'
  | 'not-yet-valid'
  | 'broken-chain'
  | 'no-chain'
  | 'damaged';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const { crypto } = globalThis;

export interface Issued {
  /** base64url(AKI) "." base64url(serial), RFC 9773 §4.1. */
  readonly id: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Leaf and intermediate, PEM. */
  readonly chain: string;
  /** The same leaf below the other root. */
  readonly alternate: string;
  readonly leafDer: Buffer;
}

export interface Issuer {
  /** Common names of the roots of the usual chain and of the other one. */
  readonly roots: readonly [string, string];
  issue(
    csrDer: Buffer,
    from: Date,
    lifetimeMs: number,
    wrong: Misissue | undefined,
  ): Promise<Issued>;
}

export function csrNames(csrDer: Buffer): readonly string[] {
  const request = new Pkcs10CertificateRequest(csrDer);
  return request.extensions.flatMap((extension) =>
    extension instanceof SubjectAlternativeNameExtension
      ? extension.names.items.map(({ value }) => value.toLowerCase())
      : [],
  );
}

/** Its public key as a JWK. */
export function csrKey(csrDer: Buffer): unknown {
  const { rawData } = new Pkcs10CertificateRequest(csrDer).publicKey;
  const key = createPublicKey({ key: Buffer.from(rawData), format: 'der', type: 'spki' });
  return key.export({ format: 'jwk' });
}

export async function isSelfSigned(csrDer: Buffer): Promise<boolean> {
  try {
    return await new Pkcs10CertificateRequest(csrDer).verify();
  } catch {
    return false; // not even readable
  }
}

/** Two roots and one intermediate key under both, as Let's Encrypt has had it. */
export async function makeIssuer(name: string): Promise<Issuer> {
  const longLife = { notBefore: new Date(0), notAfter: new Date('2090-01-01T00:00:00Z') };
  const intermediateKeys = await keyPair();
  const below = async (
    root: string,
    keys: webcrypto.CryptoKeyPair = intermediateKeys,
  ): Promise<X509Certificate> => {
    const rootKeys = await keyPair();
    return X509CertificateGenerator.create({
      ...longLife,
      serialNumber: serial(),
      subject: `CN=${name} Intermediate`,
      issuer: `CN=${root}`,
      publicKey: keys.publicKey,
      signingKey: rootKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
  };
  const [intermediate, other] = [await below(`${name} Root`), await below(`${name} Old Root`)];
  const authorityKey = await AuthorityKeyIdentifierExtension.create(intermediateKeys.publicKey);
  return {
    roots: [`${name} Root`, `${name} Old Root`],
    async issue(csrDer, asked, lifetimeMs, wrong) {
      const request = new Pkcs10CertificateRequest(csrDer);
      const names = namesFor(csrDer, wrong).map((value) => ({ type: 'dns' as const, value }));
      const from = new Date(asked.getTime() + (shifts[wrong ?? 'none'] ?? 0) * lifetimeMs);
      const serialNumber = serial();
      const leaf = await X509CertificateGenerator.create({
        serialNumber,
        notBefore: wholeSecond(from),
        notAfter: wholeSecond(new Date(from.getTime() + lifetimeMs)),
        issuer: intermediate.subject,
        publicKey: wrong === 'other-key' ? (await keyPair()).publicKey : request.publicKey,
        signingKey: intermediateKeys.privateKey,
        signingAlgorithm: algorithm,
        extensions: [
          new SubjectAlternativeNameExtension(names, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
          authorityKey,
        ],
      });
      const pem = `${leaf.toString('pem')}\n`;
      const above =
        wrong === 'broken-chain' ? await below(`${name} Root`, await keyPair()) : intermediate;
      return {
        id: `${encode(authorityKey.keyId ?? '')}.${encode(serialNumber)}`,
        notBefore: leaf.notBefore,
        notAfter: leaf.notAfter,
        chain:
          wrong === 'no-chain'
            ? pem
            : `${pem}${wrong === 'damaged' ? damaged : above.toString('pem')}\n`,
        alternate: `${pem}${other.toString('pem')}\n`,
        leafDer: Buffer.from(leaf.rawData),
      };
    },
  };
}

/** Cut off in the middle, as by a front end. */
const damaged = '-----BEGIN CERTIFICATE-----\nMIIBkTCCATegAwIB\n-----END CERTIFICATE-----';

/** By how many lifetimes the validity begins later than now. */
const shifts: Readonly<Record<string, number>> = { expired: -2, 'not-yet-valid': 1 };

function namesFor(csrDer: Buffer, wrong: Misissue | undefined): readonly string[] {
  const names = csrNames(csrDer);
  if (wrong === 'extra-name') return [...names, 'mail.example'];
  return wrong === 'missing-name' ? names.slice(1) : names;
}

function keyPair(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** Half of them begin with a set bit and so have a 00 before it in DER, which the identifier keeps. */
function serial(): string {
  const hex = randomBytes(9).toString('hex');
  return /^[89a-f]/.test(hex) ? `00${hex}` : hex.replace(/^0/, '1');
}

function encode(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url');
}

/** X.509 knows no fractions. */
function wholeSecond(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1_000) * 1_000);
}
