import type { Alert, AlertKind } from './alert.js';

/**
 * What to tell now, of what stands and what was told before. Each trouble is told when it has stood for a while, told
 * again when it is worse, remembered once a week, and told once when it is over. What passes within that while is
 * never told, and what comes and goes is told once a day at most.
 */
export interface TellingPolicy {
  /** How long a change waits for others, so that they are told together. */
  readonly groupMs: number;
  /** After how long what stands unchanged is told again. */
  readonly remindMs: number;
}

/** What is remembered about an alert. */
export interface KnownAlert {
  readonly alert: Alert;
  /** When it began, got worse, or was seen no more. */
  readonly turnedAt: Date;
  readonly stands: boolean;
  /** When anything was told about it. */
  readonly toldAt: Date | undefined;
  /** The level that was told; undefined: as far as people know it does not stand. */
  readonly toldLevel: number | undefined;
  /** Nothing is told about it until then. */
  readonly silencedUntil: Date | undefined;
}

export type NewsKind = 'new' | 'worse' | 'reminder' | 'over';

export interface News {
  readonly news: NewsKind;
  readonly alert: Alert;
}

export interface Telling {
  /** All that is remembered from now on. */
  readonly known: readonly KnownAlert[];
  /** To be told now, in one. */
  readonly news: readonly News[];
}

const hour = 3_600_000;
const day = 24 * hour;

/** A cause that was told strikes one more: told this long after, with all that came in between. */
const moreOfTheSameMs: Readonly<Record<AlertKind, number>> = {
  certificate: day,
  delegation: day,
  deployment: hour,
  rollout: hour,
  agent: hour,
  copy: hour,
  host: hour,
  terms: day,
  clock: hour,
};

/** Between one message and the next, unless something critical began. */
const messagesApartMs = hour;

export function whatToTell(
  standing: readonly Alert[],
  before: readonly KnownAlert[],
  { groupMs, remindMs }: TellingPolicy,
  /** When the last message was made. */
  lastAt: Date | undefined,
  now: Date,
): Telling {
  const known = follow(standing, before, now);
  const causes = causesOf(known);
  const pending = known.flatMap((one) => {
    const news = newsOf(one, remindMs, now);
    return news === undefined || isSilent(one, now) ? [] : [{ one, news }];
  });
  const open = pending.filter(({ one, news }) => !isHeldBack(one, news, causes, now));
  const due = open.filter(
    ({ one, news }) => news === 'reminder' || passed(one.turnedAt, groupMs, now),
  );
  const isUrgent = due.some(
    ({ one, news }) => one.alert.severity === 'critical' && (news === 'new' || news === 'worse'),
  );
  const apartMs = isUrgent ? Math.min(groupMs, messagesApartMs) : messagesApartMs;
  if (due.length === 0 || (lastAt !== undefined && !passed(lastAt, apartMs, now))) {
    return { known: known.filter((one) => isWorthKeeping(one, now)), news: [] };
  }
  // What began meanwhile goes along; what is over must stay so for a while first.
  const told = new Map(
    [...open.filter(({ news }) => news !== 'over'), ...due].map(({ one, news }) => [one, news]),
  );
  const remindAlong = [...told.values()].includes('reminder');
  const news: News[] = [];
  const after = known.map((one): KnownAlert => {
    const kind =
      told.get(one) ?? (remindAlong && isHalfway(one, remindMs, now) ? 'reminder' : undefined);
    if (kind === undefined) return one;
    news.push({ news: kind, alert: one.alert });
    return { ...one, toldAt: now, toldLevel: kind === 'over' ? undefined : one.alert.level };
  });
  return { known: after.filter((one) => isWorthKeeping(one, now)), news };
}

function follow(
  standing: readonly Alert[],
  before: readonly KnownAlert[],
  now: Date,
): readonly KnownAlert[] {
  const left = new Map(before.map((one) => [one.alert.id, one]));
  const present = standing.map((alert): KnownAlert => {
    const one = left.get(alert.id);
    left.delete(alert.id);
    if (one === undefined) {
      const fresh = { toldAt: undefined, toldLevel: undefined, silencedUntil: undefined };
      return { alert, turnedAt: now, stands: true, ...fresh };
    }
    // Where nothing else tells since when it stands, it is since it was first seen.
    const since = one.stands && one.alert.since < alert.since ? one.alert.since : alert.since;
    const turned = alert.level > one.alert.level || (!one.stands && one.toldLevel === undefined);
    const turnedAt = turned ? now : one.turnedAt;
    return { ...one, alert: { ...alert, since }, stands: true, turnedAt };
  });
  const absent = [...left.values()].map((one) =>
    one.stands ? { ...one, stands: false, turnedAt: now } : one,
  );
  return [...present, ...absent];
}

function newsOf(
  { alert, stands, toldAt, toldLevel }: KnownAlert,
  remindMs: number,
  now: Date,
): NewsKind | undefined {
  if (!stands) return toldLevel === undefined ? undefined : 'over';
  if (toldLevel === undefined) return 'new';
  if (alert.level > toldLevel) return 'worse';
  return toldAt !== undefined && passed(toldAt, remindMs, now) ? 'reminder' : undefined;
}

/** Of each cause: when it was told last, and whether any of it stands. */
function causesOf(
  known: readonly KnownAlert[],
): ReadonlyMap<string, { readonly toldAt: Date | undefined; readonly stands: boolean }> {
  const causes = new Map<string, { toldAt: Date | undefined; stands: boolean }>();
  for (const { alert, toldAt, toldLevel, stands } of known) {
    const cause = causes.get(alert.cause) ?? { toldAt: undefined, stands: false };
    // One that is worse than was told has a new cause, which was not told by that.
    const counts = toldLevel === undefined || toldLevel >= alert.level;
    if (counts && toldAt !== undefined && (cause.toldAt === undefined || toldAt > cause.toldAt)) {
      cause.toldAt = toldAt;
    }
    cause.stands ||= stands;
    causes.set(alert.cause, cause);
  }
  return causes;
}

/** More of what was told a short while ago: it waits, so that a cause is no storm. */
function isHeldBack(
  { alert, toldAt }: KnownAlert,
  news: NewsKind,
  causes: ReturnType<typeof causesOf>,
  now: Date,
): boolean {
  if (news === 'reminder') return false;
  const cause = causes.get(alert.cause);
  if (news === 'over' && cause?.stands !== true) return false;
  const apartMs = alert.severity === 'critical' ? hour : moreOfTheSameMs[alert.kind];
  if (news === 'new' && toldAt !== undefined && alert.severity !== 'critical') {
    return !passed(toldAt, day, now); // it comes and goes
  }
  return cause?.toldAt !== undefined && !passed(cause.toldAt, apartMs, now);
}

function isHalfway(one: KnownAlert, remindMs: number, now: Date): boolean {
  if (!one.stands || one.toldLevel === undefined || one.toldAt === undefined) return false;
  return passed(one.toldAt, remindMs / 2, now) && !isSilent(one, now);
}

function isSilent({ silencedUntil }: KnownAlert, now: Date): boolean {
  return silencedUntil !== undefined && silencedUntil > now;
}

/** What is over is remembered for a day: who comes back within it has not just begun. */
function isWorthKeeping(one: KnownAlert, now: Date): boolean {
  if (one.stands) return true;
  if (isSilent(one, now) || one.toldAt === undefined) return false;
  return one.toldLevel !== undefined || !passed(one.toldAt, day, now);
}

/** A clock that was ahead and is set back holds nothing up. */
function passed(since: Date, milliseconds: number, now: Date): boolean {
  return since > now || now.getTime() - since.getTime() >= milliseconds;
}
