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

/** More than a clock is corrected by in its course. */
const correctionMs = 3_600_000;

/** One that was made in what is now the future was made by a wrong clock, whose times mean nothing. */
export function isInForce({ since, until }: Hold, now: Date): boolean {
  return until > now && since.getTime() <= now.getTime() + correctionMs;
}

/** Trouble of the authority as such, that whatever is asked next meets as well; any other is about what was asked for. */
const wholeAuthority: ReadonlySet<ProblemKind> = new Set([
  'unreachable',
  'wrong-clock',
  'misconfigured',
  'busy',
  'server-internal',
  'rate-limited',
]);

export function isGeneral(kind: ProblemKind): boolean {
  return wholeAuthority.has(kind);
}

/**
 * A rate limit may be the account's or that of one name; only the authority's words tell. Where they name what was
 * asked for, everything else may go on.
 */
export function isAboutAuthority(
  kind: ProblemKind,
  detail: string,
  registeredDomains: readonly string[],
): boolean {
  if (!isGeneral(kind)) return false;
  if (kind !== 'rate-limited') return true;
  const words = detail.toLowerCase();
  return !(words.includes('exact set') || registeredDomains.some((one) => words.includes(one)));
}

/** The later of two failures counts as one more only where it was tried again in between. */
export function failuresInRow(before: Hold | undefined, triedAt: Date): number {
  if (before === undefined) return 1;
  return before.since > triedAt ? before.failures : before.failures + 1;
}
