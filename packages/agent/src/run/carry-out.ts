import type { ServiceResult } from '@sixhub/protocol';
import { type Sight, allServe, describeMisses, sightsOf } from '@sixhub/wire';
import type { Service } from '../domain/service.js';
import { isExpired } from '../domain/version.js';
import type { RunParts } from './parts.js';
import { intentsOf, note, withoutPassed } from './intents.js';
import { readEach, type Readings } from './readings.js';
import { checkEach, join, reloadEach, reviveEach, switchBack, switchForward } from './steps.js';
import type { Subject } from './subject.js';
import { judgePair, judgeSubject } from './verdict.js';
import { placedAnew, seeBefore, seeWithin, type Pair } from './watching.js';

/** What became of one subject. */
export interface Outcome {
  readonly subject: Subject;
  readonly installed: boolean;
  readonly detail: string;
  readonly services: readonly ServiceResult[];
}

/**
 * The middle of a run, as DESIGN orders it ('The agent's run'). All certificates take each step together, and so each
 * service is reloaded once for all of them. Up to the first switch nothing has changed; from there on the run is not
 * stopped before every service is proven to serve the new version or the old one.
 */
export async function carryOut(
  parts: RunParts,
  subjects: readonly Subject[],
  namesOf: ReadonlyMap<string, readonly string[]>,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const services = [...new Set(subjects.flatMap((subject) => subject.services))];
  const readings = new Map(await readEach(parts, services));
  const first = await seeBefore(parts, subjects, namesOf, readings);
  const brokenBefore = withoutPassed(
    await checkEach(parts, servicesOf(first.filter(needsWork))),
    subjects,
  );
  const held = new Set(subjects.filter((subject) => isHeld(subject, brokenBefore, parts)));
  signal.throwIfAborted();

  await note(parts, intentsOf(first, held, brokenBefore));
  const { unmoved, uncopied } = await switchForward(
    parts,
    subjects.filter((subject) => !held.has(subject)),
  );
  for (const [service, bound] of await readEach(parts, unreadOf(readings))) {
    readings.set(service, bound);
  }
  const pairs = placedAnew(first, namesOf, readings);
  const working = pairs.filter(
    (pair) => needsWork(pair) && !held.has(pair.subject) && !unmoved.has(pair.subject),
  );
  const refusing = await checkEach(parts, servicesOf(working));
  // A check that failed before has no say. One that fails only now was broken by what we switched to.
  const blamed = working.filter(
    ({ service }) => refusing.has(service) && !brokenBefore.has(service),
  );
  const backAtCheck = await switchBack(parts, blamed.filter(hasVote), ({ service }) =>
    join(refusing.get(service)),
  );

  const going = working.filter(
    ({ subject, service }) => !refusing.has(service) && !backAtCheck.has(subject),
  );
  const reloads = await reloadEach(parts, servicesOf(going), readings);
  const proofs = await seeEach(parts, going, (pair) => ({
    fingerprint: pair.subject.wanted.fingerprint,
    graceMs: reloads.has(pair.service) ? 0 : pair.service.graceMs,
  }));
  const against = going.filter((pair) => hasVote(pair) && !votersServe(pair, proofs.get(pair)));
  const backAtProof = await switchBack(parts, against, (pair) =>
    join(reloads.get(pair.service), misses(pair, proofs.get(pair))),
  );

  const wentBack = new Map([...backAtCheck, ...backAtProof]);
  // Whoever has the new version in memory: by this run's reload, or by one of a run that was killed.
  const ahead = pairs.filter(
    (pair) => wentBack.has(pair.subject) && (going.includes(pair) || showsWanted(pair)),
  );
  const reviving = new Set(servicesOf(ahead));
  const revivals = await reviveEach(parts, [...reviving], readings);
  const touched = pairs.filter(
    ({ subject, service }) => wentBack.has(subject) || reviving.has(service),
  );
  const last = await seeEach(parts, touched, ({ subject, service }) => ({
    fingerprint: goal(subject, wentBack.has(subject)),
    graceMs: reviving.has(service) ? service.graceMs : 0,
  }));

  const now = parts.clock.now();
  return subjects.map((subject) => {
    const fate = {
      wentBack: wentBack.get(subject),
      unmoved: unmoved.get(subject),
      uncopied: uncopied.get(subject),
      held: held.has(subject),
    };
    const services = pairs
      .filter((pair) => pair.subject === subject)
      .map((pair) =>
        judgePair(pair, fate, now, {
          sights: last.get(pair) ?? proofs.get(pair) ?? pair.before,
          brokenBefore:
            refusing.has(pair.service) || fate.held ? brokenBefore.get(pair.service) : undefined,
          words: join(
            refusing.get(pair.service),
            revivals.get(pair.service) ?? reloads.get(pair.service),
          ),
        }),
      );
    return { subject, services, ...judgeSubject(subject, fate, services) };
  });
}

function unreadOf(readings: Readings): readonly Service[] {
  return [...readings].flatMap(([service, { kind }]) => (kind === 'unread' ? [service] : []));
}

function needsWork({ subject, before }: Pair): boolean {
  return subject.staged !== undefined || !allServe(before, subject.wanted.fingerprint);
}

/**
 * Where every service of it is broken already, by its owner, a valid certificate that is installed is left: nothing
 * could serve the new one, and nothing could prove it. A missing one is installed all the same, and so is one whose
 * copies or rights are not right, for that may be just what breaks the service.
 */
function isHeld(
  { staged, installed, services }: Subject,
  brokenBefore: ReadonlyMap<Service, string>,
  { clock }: RunParts,
): boolean {
  return (
    staged !== undefined &&
    installed.kind === 'whole' &&
    installed.amiss === undefined &&
    !isExpired(installed.version, clock.now()) &&
    services.length > 0 &&
    services.every((service) => brokenBefore.has(service))
  );
}

function hasVote({ subject: { back }, voters }: Pair): boolean {
  return back.kind === 'open' && voters.length > 0;
}

function showsWanted({ subject: { wanted }, before }: Pair): boolean {
  return before.some(
    ({ seen }) => seen.kind === 'served' && seen.fingerprint === wanted.fingerprint,
  );
}

function goal({ back, wanted }: Subject, wentBack: boolean): string {
  return wentBack && back.kind === 'open' ? back.version.fingerprint : wanted.fingerprint;
}

function votersServe({ subject, voters }: Pair, sights: readonly Sight[] = []): boolean {
  return allServe(sightsOf(voters, sights), subject.wanted.fingerprint);
}

function misses({ subject, whyNone }: Pair, sights: readonly Sight[] = []): string {
  return describeMisses(sights, subject.wanted.fingerprint, whyNone);
}

function servicesOf(pairs: readonly Pair[]): readonly Service[] {
  return [...new Set(pairs.map(({ service }) => service))];
}

async function seeEach(
  parts: RunParts,
  pairs: readonly Pair[],
  expect: (pair: Pair) => { readonly fingerprint: string; readonly graceMs: number },
): Promise<ReadonlyMap<Pair, readonly Sight[]>> {
  return new Map(
    await Promise.all(
      pairs.map(async (pair) => {
        const { fingerprint, graceMs } = expect(pair);
        return [pair, await seeWithin(parts, pair, fingerprint, graceMs)] as const;
      }),
    ),
  );
}
