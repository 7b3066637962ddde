import { createHash, X509Certificate } from 'node:crypto';

/**
 * Whom this machine takes for the hub: the CA that enrolment pinned, and after that what this CA has signed. A new CA
 * is told over mutual TLS by the hub that is trusted already; that alone is not enough, since who has only a server's
 * key could tell as much. It counts where one that is trusted has signed it, as a CA of the same name (RFC 4210 §4.4).
 */

export interface ToldAuthorities {
  /** PEM; all others are to be forgotten. */
  readonly authorities: readonly string[];
  readonly link?: string | undefined;
}

export interface Trust {
  /** PEM, the newest last. */
  readonly authorities: readonly string[];
  /** SHA-256 of those that were told and have no link to what is trusted. */
  readonly refused: readonly string[];
}

/** The certificates in a text, one PEM each. */
export function authoritiesIn(pem: string): readonly string[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return found.map((one) => `${one}\n`);
}

/** What is trusted after the hub told its CAs; where none of them can be believed, what was trusted before. */
export function trustAfter(before: readonly string[], told: ToldAuthorities, now: Date): Trust {
  const trusted = before.map(parse).filter((one) => one !== undefined);
  const link = told.link === undefined ? undefined : parse(told.link);
  const isBelieved = (candidate: X509Certificate): boolean =>
    trusted.some((one) => one.fingerprint256 === candidate.fingerprint256) ||
    (link !== undefined && trusted.some((issuer) => isLinked(candidate, link, issuer, now)));
  const believed: X509Certificate[] = [];
  const refused: string[] = [];
  for (const pem of told.authorities) {
    const candidate = parse(pem);
    if (candidate === undefined) refused.push('(no certificate)');
    else if (isBelieved(candidate)) believed.push(candidate);
    else refused.push(sha256Of(candidate));
  }
  return {
    authorities: believed.length === 0 ? before : believed.map((one) => one.toString()),
    refused,
  };
}

/** The link has the candidate's key and name, and the issuer has signed it; the candidate is a CA by its own word. */
function isLinked(
  candidate: X509Certificate,
  link: X509Certificate,
  issuer: X509Certificate,
  now: Date,
): boolean {
  return (
    [candidate, link].every((one) => one.ca && isWithin(one, now)) &&
    [candidate.subject, link.subject, link.issuer].every((name) => name === issuer.subject) &&
    candidate.verify(candidate.publicKey) &&
    link.publicKey.equals(candidate.publicKey) &&
    link.verify(issuer.publicKey)
  );
}

function isWithin({ validFrom, validTo }: X509Certificate, now: Date): boolean {
  return new Date(validFrom) <= now && now < new Date(validTo);
}

/** The one of them that a certificate is from; by its SHA-256, hexadecimal. */
export function issuerAmong(
  authorities: readonly string[],
  certificate: string,
): string | undefined {
  const leaf = parse(certificate);
  const issuer = authorities
    .map(parse)
    .find((one) => one !== undefined && leaf?.verify(one.publicKey) === true);
  return issuer && sha256Of(issuer);
}

/** The newest of them, by its SHA-256. */
export function newestOf(authorities: readonly string[]): string | undefined {
  const newest = parse(authorities.at(-1) ?? '');
  return newest && sha256Of(newest);
}

function sha256Of({ raw }: X509Certificate): string {
  return createHash('sha256').update(raw).digest('hex');
}

function parse(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined; // not a certificate: it is trusted as little as one that nobody has signed
  }
}
