import { type Look, type Sight, allServe, votersOf } from '@sixhub/wire';
import { boundLooks, looksFor, whyNoLook, withKey } from '../domain/look.js';
import type { Service } from '../domain/service.js';
import type { RunParts } from './parts.js';
import type { Readings } from './readings.js';
import type { Subject } from './subject.js';

/** One certificate at one service: what is looked at, judged and reported. */
export interface Pair {
  readonly subject: Subject;
  readonly service: Service;
  readonly looks: readonly Look[];
  /** Where there is nothing to look at: why. */
  readonly whyNone: string;
  /** What clients were shown before this run touched anything. */
  readonly before: readonly Sight[];
  /** Who may throw the new version out again. */
  readonly voters: readonly string[];
}

/** How often a service that may still be reloading is asked again within its grace. */
const askAgainMs = 250;

export async function seeBefore(
  parts: RunParts,
  subjects: readonly Subject[],
  namesOf: ReadonlyMap<string, readonly string[]>,
  readings: Readings,
): Promise<readonly Pair[]> {
  const pairs = subjects.flatMap((subject) =>
    subject.services.map((service) => ({
      subject,
      service,
      ...placesOf(service, subject, namesOf, readings),
    })),
  );
  return Promise.all(
    pairs.map(async (pair) => {
      const before = await seeAll(parts, pair.looks);
      const { back, intent } = pair.subject;
      const now = back.kind === 'open' ? votersOf(before, back.version) : [];
      return { ...pair, before, voters: intent?.voters[pair.service.name] ?? now };
    }),
  );
}

/** Where a service should show a certificate. */
export function placesOf(
  service: Service,
  { wanted }: Pick<Subject, 'wanted'>,
  namesOf: ReadonlyMap<string, readonly string[]>,
  readings: Readings,
): Pick<Pair, 'looks' | 'whyNone'> {
  const bound = readings.get(service);
  const looks =
    bound === undefined ? looksFor(service, wanted.name, namesOf) : boundLooks(bound, wanted.name);
  return {
    looks: withKey(looks, service, wanted.key),
    whyNone: whyNoLook(service, wanted.name, bound),
  };
}

/**
 * A configuration that could not be read because what it names was missing can be read once that is there. What was
 * not looked at before still has no vote.
 */
export function placedAnew(
  pairs: readonly Pair[],
  namesOf: ReadonlyMap<string, readonly string[]>,
  readings: Readings,
): readonly Pair[] {
  return pairs.map((pair) =>
    readings.has(pair.service)
      ? { ...pair, ...placesOf(pair.service, pair.subject, namesOf, readings) }
      : pair,
  );
}

/** Looks until every connection shows `fingerprint`, or the grace is over; the last look is what counts. */
export async function seeWithin(
  parts: RunParts,
  { looks }: Pair,
  fingerprint: string,
  graceMs: number,
): Promise<readonly Sight[]> {
  // Not by the time of day, which may be set while it waits.
  const end = performance.now() + graceMs;
  for (;;) {
    const sights = await seeAll(parts, looks);
    if (sights.length === 0 || allServe(sights, fingerprint)) return sights;
    if (performance.now() + askAgainMs > end) return sights;
    await parts.clock.sleep(askAgainMs);
  }
}

function seeAll({ see }: RunParts, looks: readonly Look[]): Promise<readonly Sight[]> {
  return Promise.all(looks.map(async (look) => ({ look, seen: await see(look) })));
}
