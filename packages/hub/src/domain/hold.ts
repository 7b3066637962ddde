import type { ProblemKind } from '@sixhub/acme';
import type { CertificateName } from '@sixhub/protocol';

/** An authority is not to be asked, for everything or for one certificate, until some time. Kept across restarts. */
export interface Hold {
  readonly directory: string;
  /** Undefined: whatever the certificate. */
  readonly certificate: CertificateName | undefined;
  /** When the failure was that made it. */
  readonly since: Date;
  readonly until: Date;
  /** In a row. */
  readonly failures: number;
  /** The authority named that time (`Retry-After`): not even a person may hurry it. */
  readonly ordered: boolean;
  readonly kind: ProblemKind;
  readonly fact: string;
}

/** Trouble of the authority as such; any other is about what it was asked for. */
const wholeAuthority: ReadonlySet<ProblemKind> = new Set(['unreachable', 'busy', 'rate-limited']);

/**
 * A rate limit may be the account's or that of one name, or a name may be paused (429 as well); only the authority's
 * words tell. Where they name what was asked for, everything else may go on.
 */
export function isAboutAuthority(
  kind: ProblemKind,
  detail: string,
  registeredDomains: readonly string[],
): boolean {
  if (!wholeAuthority.has(kind)) return false;
  if (kind !== 'rate-limited') return true;
  const words = detail.toLowerCase();
  return !(
    /exact set|paused/.test(words) || registeredDomains.some((domain) => words.includes(domain))
  );
}

/** The later of two failures counts as one more only where it was tried again in between. */
export function failuresInRow(before: Hold | undefined, triedAt: Date): number {
  if (before === undefined) return 1;
  return before.since > triedAt ? before.failures : before.failures + 1;
}
