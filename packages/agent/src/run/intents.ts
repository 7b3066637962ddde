import type { Intents } from '../domain/intent.js';
import type { Service } from '../domain/service.js';
import { keep } from './keep.js';
import type { RunParts } from './parts.js';
import type { Subject } from './subject.js';
import type { Pair } from './watching.js';

/** What a killed run found well before it switched was not broken by its owner. */
export function withoutPassed(
  broken: ReadonlyMap<Service, string>,
  subjects: readonly Subject[],
): ReadonlyMap<Service, string> {
  const passed = new Set(subjects.flatMap(({ intent }) => intent?.passed ?? []));
  return new Map([...broken].filter(([{ name }]) => !passed.has(name)));
}

/** One that a killed run left stays what it was: by now nobody can see any more who was well then. */
export function intentsOf(
  pairs: readonly Pair[],
  held: ReadonlySet<Subject>,
  broken: ReadonlyMap<Service, string>,
): Intents {
  const subjects = new Set(pairs.map(({ subject }) => subject));
  return Object.fromEntries(
    [...subjects]
      .filter((subject) => isSwitched(subject) && !held.has(subject))
      .map((subject) => {
        if (subject.intent !== undefined) return [subject.wanted.name, subject.intent];
        const own = pairs.filter((pair) => pair.subject === subject);
        const voters = Object.fromEntries(own.map((pair) => [pair.service.name, pair.voters]));
        const passed = subject.services.filter((service) => !broken.has(service));
        const { name, version } = subject.wanted;
        return [name, { version, voters, passed: passed.map((service) => service.name) }];
      }),
  );
}

/** By this run, or by the one that was killed. */
function isSwitched({ staged, intent }: Subject): boolean {
  return staged !== undefined || intent !== undefined;
}

/** A run that can't write it down goes on: it is for the case that this one is killed as well. */
export async function note(
  { store, journal }: Pick<RunParts, 'store' | 'journal'>,
  intents: Intents,
): Promise<void> {
  if (Object.keys(intents).length === 0) return;
  await keep(journal, 'what was well before the switch', () => store.writeIntents(intents));
}
