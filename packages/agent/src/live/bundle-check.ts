import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { errorText } from '@sixhub/base';
import type { Bundle, WantedCertificate } from '@sixhub/protocol';
import { asLines, certificatesOf, dnsNamesOf, fingerprintOf, notAfterOf } from '@sixhub/wire';
import type { SoundBundle } from '../ports.js';

/** With its key, wherever that came from. */
type WholeBundle = Bundle & { readonly privateKey: string };

export type BundleCheck =
  | { readonly kind: 'sound'; readonly bundle: SoundBundle }
  | { readonly kind: 'unsound'; readonly why: string };

/**
 * What a bundle must be before a byte of it is written. The services' own checks do not see most of this:
 * `apache2ctl -t`, `postfix check` and `doveconf -n` all pass a key that belongs to another certificate.
 */
export function checkBundle(
  wanted: WantedCertificate,
  bundle: WholeBundle,
  now: Date,
): BundleCheck {
  try {
    const why = firstFault(wanted, bundle, now);
    if (why !== undefined) return { kind: 'unsound', why };
  } catch (error) {
    return { kind: 'unsound', why: `the hub's bundle can't be read: ${errorText(error)}` };
  }
  return {
    kind: 'sound',
    bundle: {
      name: wanted.name,
      version: wanted.version,
      fingerprint: wanted.fingerprint,
      certificate: asLines(bundle.certificate),
      chain: asLines(bundle.chain),
      privateKey: asLines(bundle.privateKey),
    },
  };
}

function firstFault(wanted: WantedCertificate, bundle: WholeBundle, now: Date): string | undefined {
  if (bundle.name !== wanted.name) return `the hub's bundle is for ${bundle.name}`;
  if (bundle.version !== wanted.version) {
    return `the hub's bundle is of version ${bundle.version}, its list said ${wanted.version}`;
  }
  const [leaf, ...more] = certificatesOf(bundle.certificate);
  if (leaf === undefined || more.length > 0) {
    return `the hub's bundle has ${more.length === 0 ? 'no certificate' : 'more than one certificate'}`;
  }
  if (fingerprintOf(leaf) !== wanted.fingerprint) {
    return "the certificate in the hub's bundle is not the one in its list";
  }
  if (!leaf.checkPrivateKey(createPrivateKey(bundle.privateKey))) {
    return 'the private key does not belong to the certificate';
  }
  return nameFault(wanted, leaf) ?? dateFault(leaf, now) ?? chainFault(leaf, bundle.chain, now);
}

function nameFault(wanted: WantedCertificate, leaf: X509Certificate): string | undefined {
  const has = new Set(dnsNamesOf(leaf));
  const lacking = wanted.names.filter((name) => !has.delete(name.toLowerCase()));
  if (lacking.length > 0) return `the certificate lacks ${lacking.join(', ')}`;
  if (has.size > 0)
    return `the certificate is also for ${[...has].join(', ')}, which was not asked for`;
  return undefined;
}

function dateFault(certificate: X509Certificate, now: Date): string | undefined {
  if (notAfterOf(certificate) <= now) return `the certificate expired on ${certificate.validTo}`;
  if (new Date(certificate.validFrom) > now) {
    return `the certificate is not valid before ${certificate.validFrom}; is this machine's clock right?`;
  }
  return undefined;
}

/** Each certificate is issued by the next one; who vouches for the last is for the clients to know. */
function chainFault(leaf: X509Certificate, chain: string, now: Date): string | undefined {
  let below = leaf;
  for (const issuer of certificatesOf(chain)) {
    const issued = issuer.ca && below.checkIssued(issuer) && below.verify(issuer.publicKey);
    if (!issued)
      return `the chain does not fit: ${oneLine(issuer.subject)} did not issue ${oneLine(below.subject)}`;
    if (notAfterOf(issuer) <= now)
      return `${oneLine(issuer.subject)} in the chain expired on ${issuer.validTo}`;
    below = issuer;
  }
  return undefined;
}

function oneLine(subject: string | undefined): string {
  const text = (subject ?? '').split('\n').join(', ');
  return text === '' ? 'a certificate without a subject' : text;
}
