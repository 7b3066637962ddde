import { X509Certificate } from 'node:crypto';

/** Each certificate of a PEM text, in order. Throws where one can't be read. */
export function certificatesOf(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** SHA-256 of the DER, as the protocol writes it: lower case, no colons. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

export function notAfterOf(certificate: X509Certificate): Date {
  return new Date(certificate.validTo);
}

/** The DNS names of the subjectAltName, lower case. */
export function dnsNamesOf(certificate: X509Certificate): readonly string[] {
  return (certificate.subjectAltName ?? '')
    .split(/,\s*/)
    .filter((entry) => entry.startsWith('DNS:'))
    .map((entry) => entry.slice(4).toLowerCase());
}

/** One text that ends in one newline, so that texts can be joined. */
export function asLines(pem: string): string {
  const trimmed = pem.trim();
  return trimmed === '' ? '' : `${trimmed}\n`;
}
