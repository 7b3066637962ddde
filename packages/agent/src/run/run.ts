import type { WantedCertificate } from '@sixhub/protocol';
import { decide, type Decision } from '../domain/decision.js';
import type { Memory, Remembered } from '../domain/remembered.js';
import type { Installed } from '../domain/version.js';
import { wayBack, type WayBack } from '../domain/vote.js';
import type { Missing } from '../ports.js';
import { carryOut } from './carry-out.js';
import { obtain } from './obtain.js';
import { isKnownFailure, rememberFailure, rememberOutcome } from './remember.js';
import { asMemory, tellHub, type Entry } from './tell.js';
import type { RunOptions, RunParts } from './parts.js';
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
}

interface Case {
  readonly wanted: WantedCertificate;
  readonly installed: Installed;
  readonly decision: Decision;
}

/** One run: desired state, compare, change, report. A run that finds nothing to do writes nothing. */
export async function runOnce(parts: RunParts, options: RunOptions): Promise<RunResult> {
  const wanted = await desiredState(parts);
  const memory = await parts.store.readMemory();
  const cases: Case[] = [];
  for (const each of wanted) cases.push(await compare(parts, options, each, memory[each.name]));

  const fresh = await work(parts, options, cases, memory);
  const entries = wanted.flatMap(({ name }): readonly Entry[] => {
    const state = fresh.get(name) ?? memory[name];
    return state === undefined ? [] : [{ name, state }];
  });
  if (fresh.size > 0 || entries.length < Object.keys(memory).length) {
    await parts.store.writeMemory(asMemory(entries));
  }
  const missing = missingOf(parts, wanted);
  const reported = await tellHub(parts, entries, missing);
  for (const { name } of wanted) {
    await parts.tree.tidy(name);
    await parts.copies.tidy(name);
  }

  return {
    ...{ reported, missing },
    certificates: cases.flatMap(({ wanted: certificate, decision }) => {
      const state = entries.find(({ name }) => name === certificate.name)?.state;
      return state === undefined ? [] : [{ wanted: certificate, did: decision.kind, state }];
    }),
  };
}

async function desiredState({ hub, store }: RunParts): Promise<readonly WantedCertificate[]> {
  const known = await store.readManifest();
  const current = await hub.manifest(known);
  if (current !== known) await store.writeManifest(current);
  return current.manifest.certificates;
}

async function compare(
  parts: RunParts,
  { adopt, eager }: RunOptions,
  wanted: WantedCertificate,
  remembered: Remembered | undefined,
): Promise<Case> {
  const found = await parts.tree.look(wanted.name);
  const ours = found.kind === 'foreign' && adopt ? await parts.tree.adopt(wanted.name) : found;
  const installed = await withCopies(parts.copies, wanted.name, ours);
  const services = parts.services.filter(({ certificates }) => certificates.includes(wanted.name));
  const now = parts.clock.now();
  // What was remembered while it was not ours says nothing about it now.
  const decision = decide({
    wanted,
    installed,
    remembered,
    services,
    now,
    eager: eager || found.kind === 'foreign',
  });
  if (decision.kind === 'install' || decision.kind === 'look') {
    parts.journal(`certificate ${wanted.name}: ${decision.why}`);
  }
  return { wanted, installed, decision };
}

function isAmiss(installed: Installed): boolean {
  return installed.kind === 'whole' && installed.amiss !== undefined;
}

/** What is to be remembered of each certificate that this run worked on. */
async function work(
  parts: RunParts,
  { signal }: RunOptions,
  cases: readonly Case[],
  memory: Memory,
): Promise<ReadonlyMap<string, Remembered>> {
  const fresh = new Map<string, Remembered>();
  const subjects: Subject[] = [];
  for (const each of cases) {
    const { wanted, decision } = each;
    const fail = (detail: string): void => {
      fresh.set(wanted.name, rememberFailure(parts, wanted, memory[wanted.name], detail));
    };
    switch (decision.kind) {
      case 'nothing':
      case 'wait':
        break;
      case 'blocked':
        if (!isKnownFailure(wanted, memory[wanted.name], decision.why)) fail(decision.why);
        break;
      case 'install': {
        const staged = await obtain(parts, wanted);
        if (staged.kind === 'staged')
          subjects.push(subjectOf(parts, each, staged.target, each.installed));
        else fail(staged.why);
        break;
      }
      case 'settle': {
        const before = await parts.tree.before(wanted.name);
        const staged = isAmiss(each.installed) ? await obtain(parts, wanted) : undefined;
        if (staged?.kind === 'failed') fail(staged.why);
        else subjects.push(subjectOf(parts, each, staged?.target, before));
        break;
      }
      case 'look':
        subjects.push(subjectOf(parts, each, undefined, undefined));
        break;
      default:
        decision satisfies never;
    }
  }
  const namesOf = new Map(cases.map(({ wanted }) => [wanted.name, wanted.names]));
  for (const batch of batchesOf(subjects, memory)) {
    for (const outcome of await carryOut(parts, batch, namesOf, signal)) {
      const { name } = outcome.subject.wanted;
      fresh.set(name, rememberOutcome(parts, outcome, memory[name]));
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
  return { wanted, installed, staged, back, services: own };
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
