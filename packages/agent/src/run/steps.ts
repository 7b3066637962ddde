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

/** What could not be switched, in the system's words; a full disk at one certificate is no reason to leave the others. */
export async function switchForward(
  { tree, journal }: RunParts,
  subjects: readonly Subject[],
): Promise<Words<Subject>> {
  const failed = new Map<Subject, string>();
  for (const subject of subjects) {
    if (subject.staged === undefined) continue;
    const { name, version } = subject.wanted;
    const words = await tree.point(name, subject.staged);
    if (words !== undefined) failed.set(subject, words);
    journal(
      `certificate ${name}: ${words === undefined ? `installed version ${version}` : `could not be switched: ${words}`}`,
    );
  }
  return failed;
}

/** Takes the certificates of these pairs back to the version before, and says which it did and why. */
export async function switchBack(
  { tree, journal }: RunParts,
  pairs: readonly Pair[],
  cause: (pair: Pair) => string,
): Promise<Words<Subject>> {
  const done = new Map<Subject, string>();
  for (const pair of pairs) {
    const { subject, service } = pair;
    const { back, wanted } = subject;
    if (done.has(subject) || back.kind === 'closed') continue;
    const why = `${service.name}: ${cause(pair)}`;
    const words = await tree.point(wanted.name, back.version.target);
    if (words === undefined) done.set(subject, why);
    journal(
      words === undefined
        ? `certificate ${wanted.name}: back to the version before, because of ${why}`
        : `certificate ${wanted.name}: can't go back to the version before (${words}), although ${why}`,
    );
  }
  return done;
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
