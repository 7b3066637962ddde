import { webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { fingerprintOf } from '@sixhub/wire';

/** Real certificates for tests: a root, and what it issues, also expired, weak or for other uses. */

const ec = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const weakRsa = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 1024,
  publicExponent: new Uint8Array([1, 0, 1]),
};
const day = 86_400_000;

export interface Issued {
  readonly certificate: string;
  readonly privateKey: string;
  readonly fingerprint: string;
  readonly names: readonly string[];
  readonly notAfter: Date;
}

export interface IssueOptions {
  readonly names: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** A key that OpenSSL at Debian's security level refuses to serve. */
  readonly weak?: boolean;
  /** An RSA key that is as good as an EC one. */
  readonly rsa?: boolean;
  readonly uses?: readonly x509.ExtendedKeyUsage[];
  /** PEM; the key stays with who made it. */
  readonly csr?: string;
  readonly subject?: string;
}

export interface Authority {
  readonly pem: string;
  readonly sha256: string;
  issue(options: IssueOptions): Promise<Issued>;
  /** An issuer below this one. */
  intermediate(): Promise<Authority>;
}

export async function makeAuthority(name = 'Test root'): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(ec, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    { name: `CN=${name}`, keys, signingAlgorithm: ec, extensions: caExtensions(), ...years() },
    webcrypto,
  );
  return authorityOf(certificate, keys.privateKey);
}

function authorityOf(own: x509.X509Certificate, signingKey: webcrypto.CryptoKey): Authority {
  const pem = `${own.toString('pem')}\n`;
  const base = { issuer: own.subject, signingKey, signingAlgorithm: ec };
  return {
    pem,
    sha256: fingerprintOf(new X509Certificate(pem)),
    async intermediate() {
      const keys = await webcrypto.subtle.generateKey(ec, true, ['sign', 'verify']);
      const certificate = await x509.X509CertificateGenerator.create(
        {
          ...base,
          ...years(),
          subject: 'CN=Test issuer',
          publicKey: keys.publicKey,
          extensions: caExtensions(),
        },
        webcrypto,
      );
      return authorityOf(certificate, keys.privateKey);
    },
    async issue(options) {
      const notAfter = options.notAfter ?? new Date(Date.now() + 90 * day);
      const keys = await webcrypto.subtle.generateKey(algorithmOf(options), true, [
        'sign',
        'verify',
      ]);
      const publicKey =
        options.csr === undefined
          ? keys.publicKey
          : await new x509.Pkcs10CertificateRequest(options.csr).publicKey.export(webcrypto);
      const certificate = await x509.X509CertificateGenerator.create(
        {
          ...base,
          subject: options.subject ?? `CN=${options.names[0] ?? ''}`,
          notBefore: options.notBefore ?? new Date(Date.now() - day),
          notAfter,
          publicKey,
          extensions: [
            new x509.ExtendedKeyUsageExtension([
              ...(options.uses ?? [x509.ExtendedKeyUsage.serverAuth]),
            ]),
            new x509.SubjectAlternativeNameExtension(
              options.names.map((value) => ({ type: 'dns' as const, value })),
            ),
          ],
        },
        webcrypto,
      );
      const leaf = `${certificate.toString('pem')}\n`;
      return {
        certificate: leaf,
        privateKey: x509.PemConverter.encode(
          await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
          'PRIVATE KEY',
        ),
        fingerprint: fingerprintOf(new X509Certificate(leaf)),
        names: options.names,
        notAfter,
      };
    },
  };
}

function algorithmOf({ weak, rsa }: IssueOptions): typeof ec | typeof weakRsa {
  if (weak === true) return weakRsa;
  return rsa === true ? { ...weakRsa, modulusLength: 2048 } : ec;
}

function caExtensions(): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
  ];
}

function years(): { readonly notBefore: Date; readonly notAfter: Date } {
  return { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + 3650 * day) };
}
