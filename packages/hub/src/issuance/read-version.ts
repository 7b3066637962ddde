import { randomUUID, X509Certificate } from 'node:crypto';
import type { Version } from '../domain/certificate.js';
import type { Issuance } from '../domain/issuance.js';
import { publicKeyOfCertificate } from '../store/public-key.js';

export type ReadVersion =
  | { readonly kind: 'good'; readonly version: Version }
  /** Good, but for that it is not valid before `until`: its clock or ours is a little off. */
  | { readonly kind: 'early'; readonly until: Date; readonly why: string }
  /** `order`: the order is worth nothing any more; `time`: the same download may be good later, or by another clock. */
  | { readonly kind: 'refused'; readonly because: 'order' | 'time'; readonly why: string };

/**
 * What an authority returned, believed only when it was checked: our key, our names and no others, in time, and each
 * certificate of the chain signed by the next. Whether the chain ends at a root that clients trust is not asked here:
 * a private authority's does not. A certificate without a chain is believed where one of `roots` has signed it itself:
 * a private authority may do without an intermediate, while one of a public authority's would serve nobody.
 */
export function readVersion(
  pem: string,
  publicKey: string,
  issuance: Pick<Issuance, 'certificate' | 'names' | 'authority' | 'keyOn'>,
  { now, roots }: { readonly now: Date; readonly roots: string | undefined },
): ReadVersion {
  const [leafPem, ...issuerPems] = certificatesIn(pem);
  if (leafPem === undefined) return refused('order', 'the download has no certificate');
  const leaf = read(leafPem);
  const issuers = issuerPems.map(read);
  if (leaf === undefined || !issuers.every((issuer) => issuer !== undefined)) {
    return refused('order', 'a certificate of the download is damaged, and could not be read');
  }
  const fault =
    keyFault(leafPem, publicKey) ??
    nameFault(leaf, issuance.names) ??
    (issuers.length === 0 ? loneFault(leaf, roots, now) : chainFault(leaf, issuers)) ??
    [leaf, ...issuers].map((one) => timeFault(one, now)).find((one) => one !== undefined);
  if (fault !== undefined) return fault;
  const from = Math.max(...[leaf, ...issuers].map(({ validFrom }) => Date.parse(validFrom)));
  if (from > now.getTime()) {
    const until = new Date(from);
    return {
      kind: 'early',
      until,
      why: `the certificate is valid only from ${until.toISOString()}`,
    };
  }
  const version: Version = {
    id: randomUUID(),
    certificate: issuance.certificate,
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    serial: leaf.serialNumber.toLowerCase(),
    issuer: commonName(leaf.issuer),
    authority: issuance.authority,
    notBefore: new Date(leaf.validFrom),
    notAfter: new Date(leaf.validTo),
    issuedAt: now,
    leaf: `${leafPem}\n`,
    chain: issuerPems.map((issuer) => `${issuer}\n`).join(''),
    keyOn: issuance.keyOn,
    revoked: undefined,
  };
  return { kind: 'good', version };
}

type Refused = Extract<ReadVersion, { kind: 'refused' }>;

function refused(because: Refused['because'], why: string): Refused {
  return { kind: 'refused', because, why };
}

function read(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined; // the caller says whose it is
  }
}

/** OpenSSL throws for a kind of key that it does not know. */
function keyFault(leafPem: string, publicKey: string): Refused | undefined {
  try {
    if (publicKeyOfCertificate(leafPem) === publicKey) return undefined;
  } catch {
    return refused('order', 'the certificate has a key that could not be read');
  }
  return refused('order', 'the certificate is for another key than the one it was asked for');
}

function nameFault(leaf: X509Certificate, names: readonly string[]): Refused | undefined {
  const wanted = new Set(names.map((name) => `DNS:${name}`));
  const covered = new Set((leaf.subjectAltName ?? '').split(', '));
  const missing = [...wanted].filter((name) => !covered.has(name));
  if (missing.length > 0)
    return refused('order', `the certificate does not have the name ${listed(missing)}`);
  const extra = [...covered].filter((name) => !wanted.has(name));
  return extra.length === 0
    ? undefined
    : refused('order', `the certificate has a name that nobody asked for: ${listed(extra)}`);
}

function listed(names: readonly string[]): string {
  return names.map((name) => name.replace(/^DNS:/, '')).join(', ');
}

/** Issued straight by a root of `trust`. */
function loneFault(
  leaf: X509Certificate,
  roots: string | undefined,
  now: Date,
): Refused | undefined {
  const known = certificatesIn(roots ?? '').map(read);
  const signer = known.find(
    (root) => root?.ca === true && leaf.checkIssued(root) && verifies(leaf, root),
  );
  if (signer !== undefined) return timeFault(signer, now);
  return refused(
    'order',
    roots === undefined
      ? 'the certificate comes without its chain'
      : 'the certificate comes without its chain, and no root in the file of `trust` has signed it',
  );
}

function certificatesIn(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** RFC 8555 §7.4.2: each certificate certifies the one before it. */
function chainFault(
  leaf: X509Certificate,
  issuers: readonly X509Certificate[],
): Refused | undefined {
  const broken = [leaf, ...issuers].find((subject, index) => {
    const issuer = issuers[index];
    return issuer !== undefined && !(subject.checkIssued(issuer) && verifies(subject, issuer));
  });
  return broken === undefined
    ? undefined
    : refused(
        'order',
        `the chain is broken: ${commonName(broken.subject)} is not signed by what comes after it`,
      );
}

/** OpenSSL throws where the kinds of key do not even fit. */
function verifies(subject: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return subject.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

/** So far two clocks may be apart, and both be called right. */
const earlyMs = 3_600_000;

function timeFault(one: X509Certificate, now: Date): Refused | undefined {
  const which = one.ca ? `its issuer ${commonName(one.subject)}` : 'the certificate';
  if (new Date(one.validTo) <= now)
    return refused('time', `${which} ended on ${one.validTo}; is this machine's clock right?`);
  if (Date.parse(one.validFrom) > now.getTime() + earlyMs)
    return refused(
      'time',
      `${which} is valid only from ${one.validFrom}; is this machine's clock right?`,
    );
  return undefined;
}

function commonName(subject: string | undefined): string {
  return /^CN=(.*)$/m.exec(subject ?? '')?.[1] ?? subject ?? 'the certificate';
}
