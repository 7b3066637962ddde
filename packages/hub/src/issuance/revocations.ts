import {
  AuthorityProblem,
  type AuthoritySession,
  type ProblemKind,
  type RevocationReason,
} from '@sixhub/acme';
import type { Clock } from '@sixhub/base';
import type { CertificateName } from '@sixhub/protocol';
import { afterRevocation, type Version } from '../domain/certificate.js';
import { Refusal } from '../domain/refusal.js';
import type { CertificateStore } from '../store/certificates.js';
import { publicKeyOfCertificate } from '../store/public-key.js';
import type { Authority } from '../ports.js';
import type { Authorities } from './authorities.js';

export interface RevokeContext {
  readonly certificates: CertificateStore;
  readonly authorities: Authorities;
  readonly clock: Clock;
}

export interface Revoked {
  /** The one asked for first; after a compromise every other one with the same key, of whatever certificate. */
  readonly versions: readonly Version[];
  /** Whether the certificate's newest version is among them, and what follows from that. */
  readonly next: 'none' | 'replace' | 'end';
  /** Other certificates whose newest version is among them: each has to be replaced, too. */
  readonly alsoReplace: readonly CertificateName[];
}

/** The account does not know the certificate, or is not known itself: whoever has the key may ask all the same. */
const notThisAccount: ReadonlySet<ProblemKind> = new Set([
  'unauthorized',
  'account-unknown',
  'account-deactivated',
  'user-action-required',
  'malformed',
]);

/**
 * RFC 8555 §7.6: by the account that ordered it, or else by the certificate's own key. It is marked only after the
 * authority has agreed; asked again after a crash in between, the authority says that it is revoked, which will do.
 */
export async function revoke(
  version: Version,
  reason: RevocationReason,
  { certificates, authorities, clock }: RevokeContext,
): Promise<Revoked> {
  const versions = await sameFate(version, reason, certificates, clock.now());
  // The one that was asked for last: where another fails, the same request does what is left.
  const inTurn = versions.map((one) => ({ one, authority: authorityOf(one, authorities) }));
  for (const { one, authority } of inTurn.toReversed()) {
    await withSession(
      () => authority.open(AbortSignal.timeout(longestMs)),
      (session) => session.revoke(one.leaf, reason),
      async () => {
        using session = await authority.openWithoutAccount(AbortSignal.timeout(longestMs));
        const key = await certificates.privateKey(one.id);
        if (key === undefined) throw new Error(`version ${one.id} has no private key`);
        await session.revokeByKey(one.leaf, key, reason);
      },
    );
    await certificates.revoke(one, { at: clock.now(), reason });
  }
  const without: CertificateName[] = [];
  for (const name of new Set(versions.map(({ certificate }) => certificate))) {
    const newest = await certificates.newest(name);
    if (versions.some(({ id }) => id === newest?.id)) without.push(name);
  }
  return {
    versions,
    next: without.includes(version.certificate) ? afterRevocation[reason] : 'none',
    alsoReplace: without.filter((name) => name !== version.certificate),
  };
}

/** Before the first is revoked: half of them would leave a key that is known in use. */
function authorityOf(
  { certificate, authority: name }: Version,
  authorities: Authorities,
): Authority {
  const authority = authorities.named(name);
  if (authority !== undefined) return authority;
  throw new Refusal(
    'conflict',
    'no-authority',
    `${name}, which issued a version of ${certificate} that is to be revoked, is not in hub.toml any more`,
    'Name it there again, as it was, and restart the hub.',
  );
}

/** A person waits for the answer. */
const longestMs = 60_000;

async function withSession(
  open: () => Promise<AuthoritySession>,
  byAccount: (session: AuthoritySession) => Promise<void>,
  byKey: () => Promise<void>,
): Promise<void> {
  try {
    using session = await open();
    await byAccount(session);
  } catch (error) {
    if (!(error instanceof AuthorityProblem)) throw error;
    if (error.kind === 'already-revoked') return;
    if (!notThisAccount.has(error.kind)) throw error;
    await byKey().catch((second: unknown) => {
      if (!(second instanceof AuthorityProblem && second.kind === 'already-revoked')) throw second;
    });
  }
}

/** A key that is compromised is so in every version that has it, whatever certificate it is of. */
async function sameFate(
  version: Version,
  reason: RevocationReason,
  certificates: CertificateStore,
  now: Date,
): Promise<readonly Version[]> {
  if (reason !== 'keyCompromise') return [version];
  const sharing = await certificates.withKey(publicKeyOfCertificate(version.leaf));
  const others = sharing.filter(
    ({ id, notAfter, revoked }) => id !== version.id && notAfter > now && revoked === undefined,
  );
  return [version, ...others];
}
