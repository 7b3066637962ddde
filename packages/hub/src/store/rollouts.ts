import { agentName, certificateName, type CertificateName } from '@sixhub/protocol';
import { sql, type Selectable } from 'kysely';
import { z } from 'zod';
import {
  rolloutReasons,
  rolloutStates,
  type Rollout,
  type RolloutPlace,
  type RolloutPlan,
  type RolloutReason,
  type RolloutState,
} from '../domain/rollout.js';
import type { Database } from './database.js';
import type { ManifestLedger } from './manifest-changes.js';
import type { Tables } from './schema.js';

/** How versions go out: plans for those that are to come, and the rollouts of those that are the newest. */
export interface RolloutStore {
  plans(name: CertificateName): Promise<RolloutPlans>;
  /** Of each version to come. */
  planAlways(name: CertificateName, plan: RolloutPlan): Promise<void>;
  /** Of the next one alone, whatever is said of each; `at-once`: to all. */
  planNext(name: CertificateName, plan: RolloutPlan | 'at-once'): Promise<void>;
  /** All at once, from the next one on. */
  forgetPlans(name: CertificateName): Promise<void>;
  /** Of the newest version, whatever its state. */
  of(name: CertificateName): Promise<Rollout | undefined>;
  /** Of newest versions, that are not done. */
  unfinished(): Promise<readonly Rollout[]>;
  /** Another plan for one that is under way. */
  replan(version: string, plan: RolloutPlan): Promise<void>;
  /** False where it was in none of the states `from` any more. */
  change(version: string, from: readonly RolloutState[], to: RolloutChange): Promise<boolean>;
  /** All that have not proven it are no reason to stop any more. */
  accept(version: string): Promise<void>;
}

export interface RolloutPlans {
  readonly always: RolloutPlan | undefined;
  readonly next: RolloutPlan | 'at-once' | undefined;
}

export interface RolloutChange {
  readonly state: RolloutState;
  readonly because: RolloutReason;
  readonly place?: RolloutPlace;
  readonly at: Date;
}

const planText = z.object({
  batch: z.string(),
  first: z.array(agentName),
  patienceS: z.number(),
});
const placeText = z.object({ agent: agentName, says: z.string() });

export function rolloutStore(
  db: Database,
  manifests: Pick<ManifestLedger, 'written'>,
): RolloutStore {
  const newest = () =>
    db
      .selectFrom('rollouts as r')
      .innerJoin('certificates as c', 'c.version', 'r.version')
      .selectAll('r');
  return {
    async plans(name) {
      const row = await db
        .selectFrom('rollout_policies')
        .selectAll()
        .where('certificate', '=', name)
        .executeTakeFirst();
      const next = row?.next ?? undefined;
      return {
        always: readPlan(row?.always ?? undefined),
        next: next === 'at-once' ? next : readPlan(next),
      };
    },
    async planAlways(name, plan) {
      const always = JSON.stringify(plan);
      await db
        .insertInto('rollout_policies')
        .values({ certificate: name, always, next: null })
        .onConflict((conflict) => conflict.column('certificate').doUpdateSet({ always }))
        .execute();
    },
    async planNext(name, plan) {
      const next = plan === 'at-once' ? plan : JSON.stringify(plan);
      await db
        .insertInto('rollout_policies')
        .values({ certificate: name, always: null, next })
        .onConflict((conflict) => conflict.column('certificate').doUpdateSet({ next }))
        .execute();
    },
    async forgetPlans(name) {
      await db.deleteFrom('rollout_policies').where('certificate', '=', name).execute();
    },
    async of(name) {
      const row = await newest().where('c.name', '=', name).executeTakeFirst();
      return row && toRollout(row);
    },
    async unfinished() {
      const rows = await newest().where('r.state', 'in', ['running', 'stopped', 'back']).execute();
      return rows.map(toRollout);
    },
    async replan(version, plan) {
      await db
        .updateTable('rollouts')
        .set({ plan: JSON.stringify(plan) })
        .where('version', '=', version)
        .execute();
    },
    async change(version, from, { state, because, place, at }) {
      const { numUpdatedRows } = await db
        .updateTable('rollouts')
        .set({
          ...{ state, because, changed_at: at.toISOString() },
          place: place === undefined ? null : JSON.stringify(place),
        })
        .where('version', '=', version)
        .where('state', 'in', from)
        .executeTakeFirstOrThrow();
      manifests.written();
      return numUpdatedRows === 1n;
    },
    async accept(version) {
      await sql`update rollout_agents set accepted = 1 where version = ${version} and given_at is not null
        and not exists (select 1 from deployments d join rollouts r on r.version = rollout_agents.version
          where d.agent_id = rollout_agents.agent_id and d.certificate = r.certificate
          and d.version = r.version and d.failed = 0)`.execute(db);
    },
  };
}

export function toRollout(row: Selectable<Tables['rollouts']>): Rollout {
  const plan = readPlan(row.plan);
  if (plan === undefined) throw new Error(`the rollout of ${row.certificate} has no plan`);
  return {
    certificate: certificateName.parse(row.certificate),
    version: row.version,
    base: row.base,
    plan,
    state: z.enum(rolloutStates).parse(row.state),
    because: z.enum(rolloutReasons).parse(row.because),
    place: row.place === null ? undefined : placeText.parse(JSON.parse(row.place)),
    batch: row.batch,
    startedAt: new Date(row.started_at),
    changedAt: new Date(row.changed_at),
  };
}

function readPlan(text: string | undefined): RolloutPlan | undefined {
  return text === undefined ? undefined : planText.parse(JSON.parse(text));
}
