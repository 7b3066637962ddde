import { randomBytes, type webcrypto } from 'node:crypto';
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
  issue(csrDer: Buffer, from: Date, lifetimeMs: number): Promise<Issued>;
}

export function csrNames(csrDer: Buffer): readonly string[] {
  const request = new Pkcs10CertificateRequest(csrDer);
  return request.extensions.flatMap((extension) =>
    extension instanceof SubjectAlternativeNameExtension
      ? extension.names.items.map(({ value }) => value.toLowerCase())
      : [],
  );
}

/** Two roots and one intermediate key under both, as Let's Encrypt has had it. */
export async function makeIssuer(name: string): Promise<Issuer> {
  const longLife = { notBefore: new Date(0), notAfter: new Date('2090-01-01T00:00:00Z') };
  const intermediateKeys = await keyPair();
  const below = async (root: string): Promise<X509Certificate> => {
    const rootKeys = await keyPair();
    return X509CertificateGenerator.create({
      ...longLife,
      serialNumber: serial(),
      subject: `CN=${name} Intermediate`,
      issuer: `CN=${root}`,
      publicKey: intermediateKeys.publicKey,
      signingKey: rootKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(intermediateKeys.publicKey),
      ],
    });
  };
  const [intermediate, other] = [await below(`${name} Root`), await below(`${name} Old Root`)];
  const authorityKey = await AuthorityKeyIdentifierExtension.create(intermediateKeys.publicKey);
  return {
    async issue(csrDer, from, lifetimeMs) {
      const request = new Pkcs10CertificateRequest(csrDer);
      const names = csrNames(csrDer).map((value) => ({ type: 'dns' as const, value }));
      const serialNumber = serial();
      const leaf = await X509CertificateGenerator.create({
        serialNumber,
        notBefore: wholeSecond(from),
        notAfter: wholeSecond(new Date(from.getTime() + lifetimeMs)),
        issuer: intermediate.subject,
        publicKey: request.publicKey,
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
      return {
        id: `${encode(authorityKey.keyId ?? '')}.${encode(serialNumber)}`,
        notBefore: leaf.notBefore,
        notAfter: leaf.notAfter,
        chain: `${pem}${intermediate.toString('pem')}\n`,
        alternate: `${pem}${other.toString('pem')}\n`,
        leafDer: Buffer.from(leaf.rawData),
      };
    },
  };
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
