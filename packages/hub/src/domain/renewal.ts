import type { RenewalInfo } from '@sixhub/acme';
import type { CertificateName } from '@sixhub/protocol';
import type { Version } from './certificate.js';

/**
 * When a certificate's newest version is renewed. The instant is rolled once a version and once a window, then kept:
 * rolled anew at each look it would drift to the window's end, where everybody else is.
 */
export interface Renewal {
  readonly certificate: CertificateName;
  readonly version: string;
  /** Who issued it, by its name in hub.toml. */
  readonly authority: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly renewAt: Date;
  readonly because: Because;
  readonly window: Window | undefined;
  readonly explanationUrl: string | undefined;
  /** When the authority is asked for renewal information again; undefined where it has none. */
  readonly askAt: Date | undefined;
  /** Due, but not to be started before: a try was begun, or no authority may be asked yet. */
  readonly pausedUntil: Date | undefined;
  /** Whatever the authority says, not before: it was renewed often lately. A person's revocation does not wait. */
  readonly earliest: Date | undefined;
}

type Because =
  /** A share of its lifetime is over. */
  | 'lifetime'
  /** RFC 9773: the authority's window. */
  | 'renewal-info'
  /** The authority's window is over long before the certificate's end: it was, or will be, revoked. */
  | 'withdrawn'
  /** We had it revoked. */
  | 'revoked';

interface Window {
  readonly start: Date;
  readonly end: Date;
}

const hour = 3_600_000;
const day = 24 * hour;

/** Let's Encrypt's advice where there is no renewal information: a third of the lifetime left, half of a short one. */
const shortLifetimeMs = 10 * day;
/** Renewals begin up to this share of the lifetime early, so that what was issued together is not renewed together. */
const spreadShare = 1 / 24;
/** No window is believed that leaves less than this: the rest of the lifetime is the reserve for failures. */
const latestShare = 0.7;
/** RFC 9773 §4.3.2: `Retry-After` says when to ask again, from a minute to a day; unsaid, we ask twice a day. */
const longestAskMs = day;
const usualAskMs = 12 * hour;
const shortestAskMs = 60_000;
/** §4.3.3: after an error, where the authority did not say when. */
const askAfterErrorMs = hour;

/** So many versions in as many pauses are one too many: the next waits a pause. */
const versionsInARow = 3;

/** The next moment at which anything is to be decided about it. */
export function lookAt({ renewAt, pausedUntil, earliest, askAt }: Renewal): Date {
  const start = later(later(renewAt, pausedUntil ?? renewAt), earliest ?? renewAt);
  return askAt === undefined || start < askAt ? start : askAt;
}

/**
 * Before the authority was asked; it is asked at once. `random` in [0, 1). `versions` are the certificate's, newest
 * first: an authority that withdraws whatever it has just issued is not renewed at in a circle.
 */
export function planVersion(
  version: Version,
  versions: readonly Pick<Version, 'issuedAt'>[],
  now: Date,
  random: () => number,
): Renewal {
  const lifetime = lifetimeMs(version);
  const share = lifetime < shortLifetimeMs ? 1 / 2 : 2 / 3;
  const early = random() * spreadShare;
  return {
    certificate: version.certificate,
    version: version.id,
    authority: version.authority,
    notBefore: version.notBefore,
    notAfter: version.notAfter,
    renewAt:
      version.revoked === undefined
        ? new Date(version.notBefore.getTime() + lifetime * (share - early))
        : now,
    because: version.revoked === undefined ? 'lifetime' : 'revoked',
    window: undefined,
    explanationUrl: undefined,
    askAt: version.revoked === undefined ? now : undefined,
    pausedUntil: undefined,
    earliest: version.revoked === undefined ? afterManyVersions(version, versions) : undefined,
  };
}

function afterManyVersions(
  version: Version,
  versions: readonly Pick<Version, 'issuedAt'>[],
): Date | undefined {
  const first = versions[versionsInARow - 1];
  const pause = longestPauseMs(version);
  const since = version.issuedAt.getTime() - (first?.issuedAt.getTime() ?? -Infinity);
  return since < versionsInARow * pause ? new Date(version.issuedAt.getTime() + pause) : undefined;
}

/** RFC 9773 §4.2: a random instant of the window, kept as long as the window is the same; a past one means now. */
export function withRenewalInfo(
  renewal: Renewal,
  info: RenewalInfo,
  now: Date,
  random: () => number,
): Renewal {
  const { start, end, explanationUrl, retryAfterMs } = info;
  const askAt = askAgainAt(renewal, retryAfterMs, now, random);
  const { window } = renewal;
  if (window?.start.getTime() === start.getTime() && window.end.getTime() === end.getTime()) {
    return { ...renewal, explanationUrl, askAt };
  }
  const rolled = start.getTime() + random() * (end.getTime() - start.getTime());
  const latest = renewal.notBefore.getTime() + lifetimeMs(renewal) * latestShare;
  const withdrawn =
    end <= now && now.getTime() < renewal.notBefore.getTime() + lifetimeMs(renewal) / 2;
  return {
    ...renewal,
    window: { start, end },
    explanationUrl,
    renewAt: end <= now ? now : new Date(Math.min(rolled, latest)),
    because: withdrawn ? 'withdrawn' : 'renewal-info',
    // What was paused for the old window's sake must not hold a revoked certificate's successor up.
    pausedUntil: withdrawn ? undefined : renewal.pausedUntil,
    askAt,
  };
}

/** The authority has no renewal information: its lifetime alone decides. */
export function withoutRenewalInfo(renewal: Renewal): Renewal {
  return { ...renewal, askAt: undefined };
}

/**
 * It could not be asked now; what is known stays. A `Retry-After` of trouble is obeyed however long it is; one of
 * nothing, or in the past, is no leave to ask without end.
 */
export function renewalInfoFailed(
  renewal: Renewal,
  retryAfterMs: number | undefined,
  now: Date,
  random: () => number,
): Renewal {
  const wait = Math.max(
    retryAfterMs ?? Math.min(askAfterErrorMs, lifetimeMs(renewal) / 24),
    shortestWaitMs(renewal),
  );
  return { ...renewal, askAt: new Date(now.getTime() + wait * (1 + random() / 10)) };
}

/** Spread by a tenth, so that those who were told the same do not come back together; never before `Retry-After`. */
function askAgainAt(
  renewal: Renewal,
  retryAfterMs: number | undefined,
  now: Date,
  random: () => number,
): Date {
  const wait =
    retryAfterMs === undefined
      ? Math.min(usualAskMs, lifetimeMs(renewal) / 10) * (1 - random() / 10)
      : Math.min(
          Math.max(retryAfterMs, shortestWaitMs(renewal)) * (1 + random() / 10),
          longestAskMs,
        );
  return new Date(now.getTime() + wait);
}

function shortestWaitMs(renewal: Renewal): number {
  return Math.min(shortestAskMs, lifetimeMs(renewal) / 24);
}

/** A renewal that was begun is looked at again after this long: daily, more often where the whole life is days. */
export function longestPauseMs(version: Pick<Version, 'notBefore' | 'notAfter'>): number {
  return Math.min(day, Math.max(1_000, lifetimeMs(version) / 24));
}

function lifetimeMs({ notBefore, notAfter }: Pick<Version, 'notBefore' | 'notAfter'>): number {
  return notAfter.getTime() - notBefore.getTime();
}

function later(one: Date, other: Date): Date {
  return one > other ? one : other;
}
