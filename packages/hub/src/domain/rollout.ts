import type { AgentName, CertificateName } from '@sixhub/protocol';
import { pushedVisitMs } from './agent.js';

/**
 * A new version that goes to a few agents first, and to the next when these have proven it. The others keep the version
 * before; never one that is revoked (the store sees to that) or that ends soon.
 */
export interface Rollout {
  readonly certificate: CertificateName;
  readonly version: string;
  /** That agents keep until it is their turn. */
  readonly base: string;
  readonly plan: RolloutPlan;
  readonly state: RolloutState;
  /** Why it is in that state. */
  readonly because: RolloutReason;
  /** Where it was stopped. */
  readonly place: RolloutPlace | undefined;
  /** How many were begun. */
  readonly batch: number;
  readonly startedAt: Date;
  readonly changedAt: Date;
}

export interface RolloutPlan {
  /** A number of agents, or `10%` of them. */
  readonly batch: string;
  /** The first batch: these alone. */
  readonly first: readonly AgentName[];
  /** No word within this time is a failure. */
  readonly patienceS: number;
}

export const rolloutStates = [
  'running',
  'stopped',
  /** All have the version before again. */
  'back',
  /** Whatever is the newest goes to all. */
  'done',
] as const;
export type RolloutState = (typeof rolloutStates)[number];

export const rolloutReasons = [
  '',
  /** A service does not serve it, or it was not installed. */
  'failed',
  'no-word',
  /** A person's word. */
  'asked',
  /** The new version was revoked. */
  'revoked',
  'proven',
  'base-revoked',
  'base-ends-soon',
] as const;
export type RolloutReason = (typeof rolloutReasons)[number];

export interface RolloutPlace {
  readonly agent: AgentName;
  /** The program's own words, or why else it is no proof. */
  readonly says: string;
}

export interface RolloutProgress {
  /** Enrolled agents that may have the certificate. */
  readonly agents: number;
  /** Of the first batch, not given it yet. */
  readonly firstLeft: number;
  /** Neither given it nor away. */
  readonly left: number;
  /** Given it, whatever they made of it. */
  readonly given: number;
  /** Given it, and neither proven nor accepted. */
  readonly open: number;
  readonly failed: RolloutPlace | undefined;
  /** Of those without a word on it, the one that was given it first. */
  readonly unheard: { readonly agent: AgentName; readonly givenAt: Date } | undefined;
}

export type RolloutStep =
  | { readonly kind: 'wait' }
  | { readonly kind: 'give'; readonly to: 'first' | 'next'; readonly count: number }
  | {
      readonly kind: 'stop';
      readonly because: 'failed' | 'no-word';
      readonly place: RolloutPlace;
    }
  | { readonly kind: 'done' };

/** `awakeSince`: what an agent said before that, nobody heard. */
export function nextStep(
  { plan }: Pick<Rollout, 'plan'>,
  progress: RolloutProgress,
  { now, awakeSince }: { readonly now: Date; readonly awakeSince: Date },
): RolloutStep {
  const { failed, unheard, open, firstLeft, left } = progress;
  if (failed !== undefined) return { kind: 'stop', because: 'failed', place: failed };
  if (unheard !== undefined) {
    const since = Math.max(unheard.givenAt.getTime(), awakeSince.getTime());
    if (now.getTime() - since >= plan.patienceS * 1_000) {
      const says = `no word since it was given the version at ${unheard.givenAt.toISOString()}`;
      return { kind: 'stop', because: 'no-word', place: { agent: unheard.agent, says } };
    }
  }
  if (open > 0) return { kind: 'wait' };
  if (firstLeft > 0) return { kind: 'give', to: 'first', count: firstLeft };
  if (left > 0) return { kind: 'give', to: 'next', count: batchOf(plan.batch, progress.agents) };
  // All of them are away: nobody has proven anything, and the first that comes is asked.
  if (progress.given === 0 && progress.agents > 0) return { kind: 'wait' };
  return { kind: 'done' };
}

export interface AwayBefore {
  readonly reached: Date;
  readonly pushedTo: Date;
}

/**
 * Of agents that count as silent, those that were last heard of before this are away, and not waited for: they were so
 * when it began. Who falls silent later is still asked, and stops it without a word. Otherwise whatever keeps all of
 * them from the hub, or the hub from running, would end a rollout with nothing proven.
 */
export function awayBefore(
  { startedAt }: Pick<Rollout, 'startedAt'>,
  silentAfterMs: number,
): AwayBefore {
  const before = startedAt.getTime() - silentAfterMs;
  return { reached: new Date(before), pushedTo: new Date(before - pushedVisitMs) };
}

/** At least one. */
export function batchOf(batch: string, agents: number): number {
  const number = Number.parseInt(batch, 10);
  return batch.endsWith('%') ? Math.max(1, Math.ceil((agents * number) / 100)) : number;
}

/** A sixth of its life: half of what a renewal begins with (renewal.ts), and days before anybody would be told. */
export function endsSoon(
  { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date },
  now: Date,
): boolean {
  const life = notAfter.getTime() - notBefore.getTime();
  return notAfter.getTime() - now.getTime() < life / 6;
}

/** Why a person is needed for it; undefined where nobody is, or where it was that person's own word. */
export function rolloutNeed({
  certificate,
  state,
  because,
  place,
}: Pick<Rollout, 'certificate' | 'state' | 'because' | 'place'>):
  { readonly fact: string; readonly remedy: string } | undefined {
  if (state !== 'stopped' || because === 'asked' || because === 'revoked') return undefined;
  const where = place === undefined ? '' : ` at ${place.agent}: ${place.says.split('\n', 1)[0]}`;
  return {
    fact: `its rollout stopped${where}`,
    remedy: `Mend it there and \`hub rollout ${certificate} --continue\`, or \`hub rollout ${certificate} --back\`.`,
  };
}
