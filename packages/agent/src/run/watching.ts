import { allServe, looksFor, withKey, type Look, type Sight } from '../domain/look.js';
import type { Service } from '../domain/service.js';
import type { RunParts } from './parts.js';
import type { Subject } from './subject.js';

/** One certificate at one service: what is looked at, judged and reported. */
export interface Pair {
  readonly subject: Subject;
  readonly service: Service;
  readonly looks: readonly Look[];
  /** What clients were shown before this run touched anything. */
  readonly before: readonly Sight[];
}

/** How often a service that may still be reloading is asked again within its grace. */
const askAgainMs = 250;

export async function seeBefore(
  parts: RunParts,
  subjects: readonly Subject[],
  namesOf: ReadonlyMap<string, readonly string[]>,
): Promise<readonly Pair[]> {
  const pairs = subjects.flatMap((subject) =>
    subject.services.map((service) => ({
      subject,
      service,
      looks: withKey(looksFor(service, subject.wanted.name, namesOf), service, subject.wanted.key),
    })),
  );
  return Promise.all(
    pairs.map(async (pair) => ({ ...pair, before: await seeAll(parts, pair.looks) })),
  );
}

/** Looks until every connection shows `fingerprint`, or the grace is over; the last look is what counts. */
export async function seeWithin(
  parts: RunParts,
  { looks }: Pair,
  fingerprint: string,
  graceMs: number,
): Promise<readonly Sight[]> {
  const end = parts.clock.now().getTime() + graceMs;
  for (;;) {
    const sights = await seeAll(parts, looks);
    if (sights.length === 0 || allServe(sights, fingerprint)) return sights;
    if (parts.clock.now().getTime() + askAgainMs > end) return sights;
    await parts.clock.sleep(askAgainMs);
  }
}

function seeAll({ see }: RunParts, looks: readonly Look[]): Promise<readonly Sight[]> {
  return Promise.all(looks.map(async (look) => ({ look, seen: await see(look) })));
}
