import { errorText, exitCodes, SixhubError } from '@sixhub/base';
import type { WantedCertificate } from '@sixhub/protocol';
import { decide, type Decision } from '../domain/decision.js';
import type { Intents } from '../domain/intent.js';
import type { Memory, Remembered } from '../domain/remembered.js';
import type { Installed } from '../domain/version.js';
import { wayBack, type WayBack } from '../domain/vote.js';
import type { Missing } from '../ports.js';
import { carryOut } from './carry-out.js';
import { keep } from './keep.js';
import { obtain } from './obtain.js';
import { isKnownFailure, rememberFailure, rememberOutcome } from './remember.js';
import { asMemory, tellHub, type Entry } from './tell.js';
import type { RunOptions, RunParts } from './parts.js';
import { startsOf } from './starts.js';
import type { Subject } from './subject.js';
import { withCopies } from './with-copies.js';

/** One certificate at the end of a run. */
export interface CertificateResult {
  readonly wanted: WantedCertificate;
  readonly did: Decision['kind'];
  readonly state: Remembered;
}

export interface RunResult {
  readonly certificates: readonly CertificateResult[];
  /** What this machine names and the hub does not give, for a person. */
  readonly missing: readonly Missing[];
  readonly reported: boolean;
  /** Why the hub could not be asked; what it wanted last was gone by. */
  readonly unreached: SixhubError | undefined;
  /** What runs leave for each other could be written. */
  readonly kept: boolean;
}

interface Case {
  readonly wanted: WantedCertificate;
  readonly installed: Installed;
  readonly decision: Decision;
}

/** One run: desired state, compare, change, report. A run that finds nothing to do writes nothing. */
export async function runOnce(parts: RunParts, options: RunOptions): Promise<RunResult> {
  const { journal, store } = parts;
  const { wanted, unreached, keptManifest } = await desiredState(parts);
  const memory = await store.readMemory();
  const intents = await store.readIntents();
  const cases: Case[] = [];
  for (const each of wanted)
    cases.push(await compareApart(parts, options, each, memory[each.name]));

  const fresh = await work(parts, options, cases, { memory, intents });
  const entries = wanted.flatMap(({ name }): readonly Entry[] => {
    const state = fresh.get(name) ?? memory[name];
    return state === undefined ? [] : [{ name, state }];
  });
  let kept = keptManifest;
  if (fresh.size > 0 || entries.length < Object.keys(memory).length) {
    const write = (): Promise<void> => store.writeMemory(asMemory(entries));
    kept = (await keep(journal, 'what came of this run', write)) && kept;
  }
  const missing = missingOf(parts, wanted);
  const reported = unreached === undefined && (await tellHub(parts, entries, missing));
  if (Object.keys(await store.readIntents()).length > 0) {
    await keep(journal, 'that all is proven', () => store.writeIntents({}));
  }
  for (const { name } of wanted) {
    await keep(journal, `what is left of older versions of ${name}`, async () => {
      await parts.tree.tidy(name);
      await parts.copies.tidy(name);
    });
  }

  return {
    ...{ reported, missing, unreached, kept },
    certificates: cases.flatMap(({ wanted: certificate, decision }) => {
      const state = entries.find(({ name }) => name === certificate.name)?.state;
      return state === undefined ? [] : [{ wanted: certificate, did: decision.kind, state }];
    }),
  };
}

interface Desired {
  readonly wanted: readonly WantedCertificate[];
  readonly unreached: SixhubError | undefined;
  readonly keptManifest: boolean;
}

/** Where no hub can be reached, what it wanted last is still to be installed, proven and put right. */
async function desiredState({ hub, store, journal }: RunParts): Promise<Desired> {
  const known = await store.readManifest();
  try {
    const current = await hub.manifest(known);
    const keptManifest =
      current === known ||
      (await keep(journal, 'what the hub wants', () => store.writeManifest(current)));
    return { wanted: current.manifest.certificates, unreached: undefined, keptManifest };
  } catch (error) {
    if (known === undefined || !isUnreached(error)) throw error;
    journal(`${error.fact}; what it wanted last is gone by\n${error.hint}`);
    return { wanted: known.manifest.certificates, unreached: error, keptManifest: true };
  }
}

function isUnreached(error: unknown): error is SixhubError {
  return error instanceof SixhubError && error.exit === exitCodes.unreachable;
}

/** What is wrong with one certificate's place in the tree is no reason to leave the others. */
async function compareApart(
  parts: RunParts,
  options: RunOptions,
  wanted: WantedCertificate,
  remembered: Remembered | undefined,
): Promise<Case> {
  try {
    return await compare(parts, options, wanted, remembered);
  } catch (error) {
    const why = errorText(error);
    return { wanted, installed: { kind: 'damaged', why }, decision: { kind: 'blocked', why } };
  }
}

async function compare(
  parts: RunParts,
  { adopt, eager }: RunOptions,
  wanted: WantedCertificate,
  remembered: Remembered | undefined,
): Promise<Case> {
  const found = await parts.tree.look(wanted.name);
  if (found.kind === 'foreign' && adopt) {
    parts.journal(`certificate ${wanted.name}: to be taken over`);
    return { wanted, installed: found, decision: { kind: 'install', why: 'taken over' } };
  }
  const installed = await withCopies(parts.copies, wanted.name, found);
  const services = parts.services.filter(({ certificates }) => certificates.includes(wanted.name));
  const now = parts.clock.now();
  const starts = await startsOf(parts, services);
  const decision = decide({ wanted, installed, remembered, services, starts, now, eager });
  if (decision.kind === 'install' || decision.kind === 'look') {
    parts.journal(`certificate ${wanted.name}: ${decision.why}`);
  }
  return { wanted, installed, decision };
}

function isAmiss(installed: Installed): boolean {
  return installed.kind === 'whole' && installed.amiss !== undefined;
}

interface Known {
  readonly memory: Memory;
  readonly intents: Intents;
}

/** What is to be remembered of each certificate that this run worked on. */
async function work(
  parts: RunParts,
  { signal }: RunOptions,
  cases: readonly Case[],
  known: Known,
): Promise<ReadonlyMap<string, Remembered>> {
  const { memory } = known;
  const fresh = new Map<string, Remembered>();
  const subjects: Subject[] = [];
  const fail = (wanted: WantedCertificate, detail: string): void => {
    fresh.set(wanted.name, rememberFailure(parts, wanted, memory[wanted.name], detail));
  };
  for (const each of cases) {
    const { wanted } = each;
    try {
      const ready = await makeReady(parts, each, known);
      if (ready === undefined) continue;
      if (ready.kind === 'subject') subjects.push(ready.subject);
      else if (!isKnownFailure(wanted, memory[wanted.name], ready.why) || !ready.isOld) {
        fail(wanted, ready.why);
      }
    } catch (error) {
      // That no hub answers is no failure of this version: it is tried again as soon as one does.
      if (!isUnreached(error)) fail(wanted, errorText(error));
    }
  }
  const namesOf = new Map(cases.map(({ wanted }) => [wanted.name, wanted.names]));
  for (const [at, batch] of batchesOf(subjects, memory).entries()) {
    if (at > 0 && signal.aborted) break; // what was done is told; the rest is the next run's
    try {
      for (const outcome of await carryOut(parts, batch, namesOf, signal)) {
        const { name } = outcome.subject.wanted;
        const starts = await startsOf(parts, outcome.subject.services);
        fresh.set(name, rememberOutcome(parts, outcome, memory[name], starts));
      }
    } catch (error) {
      if (signal.aborted) throw error;
      for (const { wanted } of batch) fail(wanted, errorText(error));
    }
  }
  return fresh;
}

type Ready =
  | { readonly kind: 'subject'; readonly subject: Subject }
  /** `isOld`: told once is enough. */
  | { readonly kind: 'failed'; readonly why: string; readonly isOld: boolean };

/** All that comes before the switch of one certificate; undefined where nothing is to be done. */
async function makeReady(
  parts: RunParts,
  each: Case,
  { intents }: Known,
): Promise<Ready | undefined> {
  const { wanted, decision, installed } = each;
  const failed = (why: string, isOld = false): Ready => ({ kind: 'failed', why, isOld });
  const subject = (staged: string | undefined, previous: Installed | undefined): Ready => ({
    kind: 'subject',
    subject: subjectOf(parts, each, staged, previous),
  });
  switch (decision.kind) {
    case 'nothing':
    case 'wait':
      return undefined;
    case 'blocked':
      return failed(decision.why, true);
    case 'install': {
      const staged = await obtain(parts, wanted);
      if (staged.kind === 'failed') return failed(staged.why);
      // Not before there is something to take its place.
      const before = installed.kind === 'foreign' ? await parts.tree.adopt(wanted.name) : installed;
      return subject(staged.target, before);
    }
    case 'settle': {
      const before = await parts.tree.before(wanted.name);
      const staged = isAmiss(installed) ? await obtain(parts, wanted) : undefined;
      if (staged?.kind === 'failed') return failed(staged.why);
      const intent = intents[wanted.name];
      const known = intent?.version === wanted.version ? intent : undefined;
      return {
        kind: 'subject',
        subject: { ...subjectOf(parts, each, staged?.target, before), intent: known },
      };
    }
    case 'look':
      return subject(undefined, undefined);
    default:
      return decision satisfies never;
  }
}

/**
 * All together, so that a service is reloaded once; but what failed before is tried alone. A service that dies of one
 * certificate serves none of them, and from that alone nobody can tell which one it was.
 */
function batchesOf(subjects: readonly Subject[], memory: Memory): readonly (readonly Subject[])[] {
  const failedBefore = ({ wanted }: Subject): boolean => {
    const last = memory[wanted.name];
    return last?.version === wanted.version && last.failures > 0;
  };
  const together = subjects.filter((subject) => !failedBefore(subject));
  const alone = subjects.filter(failedBefore).map((subject) => [subject]);
  return together.length === 0 ? alone : [together, ...alone];
}

function subjectOf(
  { services, clock }: RunParts,
  { wanted, installed }: Case,
  staged: string | undefined,
  previous: Installed | undefined,
): Subject {
  const back: WayBack =
    previous === undefined
      ? { kind: 'closed', why: 'nothing was switched' }
      : wayBack(previous, wanted, clock.now());
  const own = services.filter(({ certificates }) => certificates.includes(wanted.name));
  return { wanted, installed, staged, back, services: own, intent: undefined };
}

function missingOf(
  { services }: RunParts,
  wanted: readonly WantedCertificate[],
): RunResult['missing'] {
  const given = new Set<string>(wanted.map(({ name }) => name));
  return services.flatMap(({ name, certificates }) =>
    certificates
      .filter((certificate) => !given.has(certificate))
      .map((certificate) => ({ service: name, certificate })),
  );
}
