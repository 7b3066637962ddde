import { agentName, certificateName, versionId } from '@sixhub/protocol';
import { z } from 'zod';
import {
  rolloutReasons,
  rolloutStates,
  type Rollout,
  type RolloutPlan,
} from '../domain/rollout.js';
import type { CertificateOverview } from '../store/overview.js';
import type { RolloutCensus } from '../store/rollout-agents.js';

const time = z.iso.datetime();

export const rolloutPlan = z.strictObject({
  batch: z
    .string()
    .regex(
      /^(?:[1-9]\d{0,4}|(?:[1-9]\d?|100)%)$/,
      'is not a number of agents like 5, or a part of them like 10%',
    )
    .describe('a number of agents, or a part of them: `10%`'),
  first: z.array(agentName).max(100).default([]).describe('the first batch: these alone'),
  patienceS: z
    .number()
    .int()
    .min(1)
    .max(7 * 86_400)
    .default(1_800)
    .describe('an agent that says no word for so long is a failure'),
});

const place = z.object({
  agent: agentName,
  /** The program's own words. */
  says: z.string(),
});

export const rolloutView = z
  .object({
    certificate: certificateName,
    version: versionId,
    /** That agents keep until it is their turn. */
    base: versionId,
    plan: rolloutPlan.required(),
    state: z.enum(rolloutStates),
    because: z.enum(rolloutReasons),
    /** Where it stopped by itself. */
    place: place.nullable(),
    /** How many were begun. */
    batch: z.number().int(),
    startedAt: time,
    changedAt: time,
    /** Each agent with a grant is one of these. */
    agents: z.object({
      proven: z.number().int(),
      underWay: z.number().int(),
      failed: z.number().int(),
      waiting: z.number().int(),
      /** Silent or not enrolled: they have what is the newest when they come. */
      away: z.number().int(),
    }),
    /** The ten begun last, the present one at the end; the first twenty agents of each. */
    batches: z.array(z.object({ batch: z.number().int(), agents: z.array(agentName) })),
    /** The first twenty of those that have no word to say on it yet. */
    underWay: z.array(agentName),
    /** The first twenty of those that failed. */
    failures: z.array(place),
  })
  .meta({ id: 'Rollout' });
export type RolloutView = z.infer<typeof rolloutView>;

export const rolloutsOf = z.object({
  /** Of the newest version; null where that went to all agents at once. */
  rollout: rolloutView.nullable(),
  /** Of each version to come. */
  always: rolloutPlan.required().nullable(),
  /** Of the next one, whatever is said of each. */
  next: rolloutPlan.required().nullable(),
});
export type RolloutsView = z.infer<typeof rolloutsOf>;

export function viewPlan({ batch, first, patienceS }: RolloutPlan): z.output<typeof rolloutPlan> {
  return { batch, first: [...first], patienceS };
}

export function viewRollout(rollout: Rollout, census: RolloutCensus): RolloutView {
  const { certificate, version, base, plan, state, because, batch } = rollout;
  const { batches, underWayAgents, failedPlaces, ...agents } = census;
  return {
    ...{ certificate, version, base, state, because, batch, agents },
    plan: viewPlan(plan),
    place: rollout.place ?? null,
    startedAt: rollout.startedAt.toISOString(),
    changedAt: rollout.changedAt.toISOString(),
    batches: batches.map(({ batch, agents: given }) => ({ batch, agents: [...given] })),
    underWay: [...underWayAgents],
    failures: [...failedPlaces],
  };
}

/** Of a certificate's newest version, where that is not with all agents. */
export const unfinishedRollout = z.object({
  state: z.enum(['running', 'stopped', 'back']),
  because: z.enum(rolloutReasons),
  batch: z.number().int(),
  /** Agents whose turn it is not; only with a single certificate. */
  waiting: z.array(agentName).optional(),
});

export function viewUnfinished({
  rollout,
  holdings,
}: Pick<CertificateOverview, 'rollout' | 'holdings'>): z.infer<typeof unfinishedRollout> | null {
  if (rollout === undefined || rollout.state === 'done') return null;
  const { state, because, batch } = rollout;
  const waiting = holdings.filter(({ waits }) => waits).map(({ agent }) => agent.name);
  return { state, because, batch, waiting };
}
