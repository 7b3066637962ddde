import { agentName, certificateName, serviceState, versionId } from '@sixhub/protocol';
import { z } from 'zod';
import type { Holding, Want } from '../domain/holding.js';
import {
  byNeed,
  standingOfWant,
  standingsOf,
  standingStates,
  type Standing,
} from '../domain/standing.js';

const time = z.iso.datetime();

export const lastErrorView = z.object({ was: serviceState, detail: z.string(), at: time });

/** How it stands with a certificate at one service of a machine, and what a person has to do there. */
export const standingView = z
  .object({
    agent: agentName,
    /** Null: the machine as a whole. */
    service: z.string().nullable(),
    certificate: certificateName,
    state: z.enum(standingStates),
    /** `time`: it is expected to come by itself. */
    needs: z.enum(['person', 'time', 'nothing']),
    /** That was reported on. */
    version: versionId.nullable(),
    /** That version is the newest. */
    current: z.boolean(),
    since: time.nullable(),
    /** The last look; of a machine, when it was heard of last. */
    checkedAt: time.nullable(),
    /** The program's own words. */
    says: z.string(),
    /** Of a service that serves: the last trouble before. */
    lastError: lastErrorView.nullable(),
    remedy: z.string(),
  })
  .meta({ id: 'Standing' });
export type StandingView = z.infer<typeof standingView>;

/** What is most pressing first. */
export function standingsOfAll(
  { holdings, wants }: { readonly holdings: readonly Holding[]; readonly wants: readonly Want[] },
  now: Date,
): readonly Standing[] {
  return byNeed([
    ...holdings.flatMap((holding) => standingsOf(holding, now)),
    ...wants.map(standingOfWant),
  ]);
}

export function viewStanding({ since, checkedAt, ...standing }: Standing): StandingView {
  return {
    ...standing,
    since: since?.toISOString() ?? null,
    checkedAt: checkedAt?.toISOString() ?? null,
  };
}

/** Agents where a person is needed, each once. */
export function needyAgents(standings: readonly Standing[]): readonly Standing['agent'][] {
  return [
    ...new Set(standings.filter(({ needs }) => needs === 'person').map(({ agent }) => agent)),
  ];
}
