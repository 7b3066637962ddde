import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  AuthorityProblem,
  type AuthoritySession,
  type ProblemKind,
  type RevocationReason,
} from '@sixhub/acme';
import type { Clock } from '@sixhub/base';
import { afterRevocation, type Version } from '../domain/certificate.js';
import { Refusal } from '../domain/refusal.js';
import type { CertificateStore } from '../store/certificates.js';
import type { Authorities } from './authorities.js';

export interface RevokeContext {
  readonly certificates: CertificateStore;
  readonly authorities: Authorities;
  readonly clock: Clock;
}

export interface Revoked {
  /** The one asked for first; after a compromise every other one with the same key. */
  readonly versions: readonly Version[];
  /** Whether the certificate's newest version is among them, and what follows from that. */
  readonly next: 'none' | 'replace' | 'end';
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
  const authority = authorities.named(version.authority);
  if (authority === undefined) {
    throw new Refusal(
      'conflict',
      'no-authority',
      `${version.authority}, which issued it, is not in hub.toml any more`,
      'Name it there again, as it was, and restart the hub.',
    );
  }
  const newest = await certificates.newest(version.certificate);
  const versions = await sameFate(version, reason, certificates, clock.now());
  for (const one of versions) {
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
  const isNewest = versions.some(({ id }) => id === newest?.id);
  return { versions, next: isNewest ? afterRevocation[reason] : 'none' };
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

/** A key that is compromised is so in every version that has it. */
async function sameFate(
  version: Version,
  reason: RevocationReason,
  certificates: CertificateStore,
  now: Date,
): Promise<readonly Version[]> {
  const key = reason === 'keyCompromise' ? await certificates.privateKey(version.id) : undefined;
  if (key === undefined) return [version];
  const privateKey = createPrivateKey(key);
  const others = (await certificates.versions(version.certificate)).filter(
    ({ id, leaf, notAfter, revoked }) =>
      id !== version.id &&
      notAfter > now &&
      revoked === undefined &&
      new X509Certificate(leaf).checkPrivateKey(privateKey),
  );
  return [version, ...others];
}
