import { errorText, type SixhubError } from '@sixhub/base';
import type { WantedCertificate } from '@sixhub/protocol';
import type { Decision } from '../domain/decision.js';
import type { Intents } from '../domain/intent.js';
import type { Memory, Remembered } from '../domain/remembered.js';
import type { Missing } from '../ports.js';
import { answerRequests, tidyKeys, type AnsweredRequest } from './answer-requests.js';
import { carryOut } from './carry-out.js';
import { compareApart, type Case } from './compare.js';
import { desiredState, isUnreached } from './desired-state.js';
import { keep } from './keep.js';
import { makeReady } from './make-ready.js';
import type { RunOptions, RunParts } from './parts.js';
import { isKnownFailure, rememberFailure, rememberOutcome } from './remember.js';
import { startsOf } from './starts.js';
import type { Subject } from './subject.js';
import { asMemory, tellHub, type Entry } from './tell.js';

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
  /** Keys that the hub wants made here. */
  readonly requests: readonly AnsweredRequest[];
  readonly reported: boolean;
  /** Why the hub could not be asked; what it wanted last was gone by. */
  readonly unreached: SixhubError | undefined;
  /** What runs leave for each other could be written. */
  readonly kept: boolean;
}

/** One run: desired state, compare, change, report. A run that finds nothing to do writes nothing. */
export async function runOnce(parts: RunParts, options: RunOptions): Promise<RunResult> {
  const { journal, store } = parts;
  const desired = await desiredState(parts);
  const { wanted, unreached, keptManifest } = desired;
  const requests = await answerRequests(parts, desired.requests);
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
  const left = fresh.size === 0 ? intents : await store.readIntents();
  if (Object.keys(left).length > 0) {
    await keep(journal, 'that all is proven', () => store.writeIntents({}));
  }
  for (const { name } of wanted) {
    await keep(journal, `what is left of older versions of ${name}`, async () => {
      await parts.tree.tidy(name);
      await parts.copies.tidy(name);
    });
  }
  if (unreached === undefined) await tidyKeys(parts, wanted, desired.requests);

  return {
    ...{ reported, missing, requests, unreached, kept },
    certificates: cases.flatMap(({ wanted: certificate, decision }) => {
      const state = entries.find(({ name }) => name === certificate.name)?.state;
      return state === undefined ? [] : [{ wanted: certificate, did: decision.kind, state }];
    }),
  };
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
      const ready = await makeReady(parts, each, known.intents);
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
