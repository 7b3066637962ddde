import { errorText } from '@sixhub/base';
import type { CertificateName } from '@sixhub/protocol';
import type { Argv, Service } from '../domain/service.js';
import type { RunParts } from './parts.js';
import type { Readings } from './readings.js';
import type { Subject } from './subject.js';
import type { Pair } from './watching.js';

/** Words of programs or of the system about what did not work; who is not in it has no fault. */
type Words<T> = ReadonlyMap<T, string>;

export async function checkEach(
  { control }: RunParts,
  services: readonly Service[],
): Promise<Words<Service>> {
  return wordsOf(services, (service) => control.check(service));
}

/** One reload a service, for all certificates that changed. */
export async function reloadEach(
  { control, journal }: RunParts,
  services: readonly Service[],
  readings: Readings,
): Promise<Words<Service>> {
  return wordsOf(services, async (service) => {
    const words = await control.reload(service, preparationOf(readings, service));
    journal(words === undefined ? `${service.name}: reloaded` : `${service.name}: ${words}`);
    return words;
  });
}

export async function reviveEach(
  { control, journal }: RunParts,
  services: readonly Service[],
  readings: Readings,
): Promise<Words<Service>> {
  return wordsOf(services, async (service) => {
    const words = await control.revive(service, preparationOf(readings, service));
    journal(
      words === undefined
        ? `${service.name}: reloaded with the version before`
        : `${service.name}: ${words}`,
    );
    return words;
  });
}

function preparationOf(readings: Readings, service: Service): readonly Argv[] {
  const bound = readings.get(service);
  return bound?.kind === 'read' ? bound.prepare : [];
}

export interface Switched {
  /** What could not be switched, in the system's words. */
  readonly unmoved: Words<Subject>;
  /** What was switched although a copy could not follow: there was no way back. */
  readonly uncopied: Words<Subject>;
}

/** A full disk at one certificate is no reason to leave the others. */
export async function switchForward(
  parts: RunParts,
  subjects: readonly Subject[],
): Promise<Switched> {
  const unmoved = new Map<Subject, string>();
  const uncopied = new Map<Subject, string>();
  for (const subject of subjects) {
    if (subject.staged === undefined) continue;
    const { name, version } = subject.wanted;
    const tell = (what: string): void => parts.journal(`certificate ${name}: ${what}`);
    const words = await parts.tree.point(name, subject.staged).catch(errorText);
    if (words !== undefined) {
      unmoved.set(subject, words);
      tell(`could not be switched: ${words}`);
      continue;
    }
    const left = await parts.copies.place(name, subject.staged).catch(errorText);
    if (left === undefined) {
      tell(`installed version ${version}`);
      continue;
    }
    const { back } = subject;
    const stays =
      back.kind === 'closed' ? back.why : await goBack(parts, name, back.version.target);
    (stays === undefined ? unmoved : uncopied).set(subject, left);
    tell(
      stays === undefined
        ? `taken back to the version before, for a copy could not be put in place: ${left}`
        : `installed version ${version}, but not everywhere: ${left}; no way back: ${stays}`,
    );
  }
  return { unmoved, uncopied };
}

/** Takes the certificates of these pairs back to the version before, and says which it did and why. */
export async function switchBack(
  parts: RunParts,
  pairs: readonly Pair[],
  cause: (pair: Pair) => string,
): Promise<Words<Subject>> {
  const done = new Map<Subject, string>();
  for (const pair of pairs) {
    const { subject, service } = pair;
    const { back, wanted } = subject;
    if (done.has(subject) || back.kind === 'closed') continue;
    const why = `${service.name}: ${cause(pair)}`;
    const words = await goBack(parts, wanted.name, back.version.target);
    if (words === undefined) done.set(subject, why);
    parts.journal(
      words === undefined
        ? `certificate ${wanted.name}: back to the version before, because of ${why}`
        : `certificate ${wanted.name}: can't go back to the version before (${words}), although ${why}`,
    );
  }
  return done;
}

/**
 * The tree first, then the copies; the same two steps as forward. Where a copy can't follow, the tree and the others go
 * back all the same: the journal tells it, and the next run finds that copy amiss.
 */
async function goBack(
  { tree, copies, journal }: RunParts,
  name: CertificateName,
  target: string,
): Promise<string | undefined> {
  const unready = await copies.stage(name, target).catch(errorText);
  const words = await tree.point(name, target).catch(errorText);
  if (words !== undefined) return words;
  const left = await copies.place(name, target).catch(errorText);
  if (left !== undefined) {
    const why = join(unready, left);
    journal(`certificate ${name}: a copy did not go back to the version before: ${why}`);
  }
  return undefined;
}

/** Several reasons as one sentence. */
export function join(...reasons: readonly (string | undefined)[]): string {
  return reasons.filter((reason) => reason !== undefined && reason !== '').join('; ');
}

async function wordsOf(
  services: readonly Service[],
  ask: (service: Service) => Promise<string | undefined>,
): Promise<Words<Service>> {
  const answers = await Promise.all(
    services.map(async (service) => ({ service, words: await ask(service) })),
  );
  return new Map(
    answers.flatMap(({ service, words }) => (words === undefined ? [] : [[service, words]])),
  );
}
