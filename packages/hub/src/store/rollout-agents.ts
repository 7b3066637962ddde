import { agentName, type AgentName } from '@sixhub/protocol';
import { sql } from 'kysely';
import type { AwayBefore, Rollout, RolloutPlace, RolloutProgress } from '../domain/rollout.js';
import type { Database } from './database.js';
import type { ManifestLedger } from './manifest-changes.js';

/** Agents in a rollout: who has been given the version, and what they made of it. */
export interface RolloutAgents {
  progress(rollout: Rollout, away: AwayBefore): Promise<RolloutProgress>;
  /** Gives it to so many more, by name, those of the plan's first batch first; how many that were. */
  give(
    rollout: Rollout,
    away: AwayBefore,
    { batch, count, now }: { readonly batch: number; readonly count: number; readonly now: Date },
  ): Promise<number>;
  census(rollout: Rollout, away: AwayBefore): Promise<RolloutCensus>;
}

/** All agents with a grant, each counted once. */
export interface RolloutCensus {
  readonly proven: number;
  /** Given it, and neither proven nor failed. */
  readonly underWay: number;
  /** Given it, and a service does not serve it, or it is not installed. */
  readonly failed: number;
  readonly waiting: number;
  /** Silent or not enrolled, and not given it: they have what is the newest when they come. */
  readonly away: number;
  /** The last ones, the present one at the end. */
  readonly batches: readonly RolloutBatch[];
  /** Some of those that are under way, and of those that failed. */
  readonly underWayAgents: readonly AgentName[];
  readonly failedPlaces: readonly RolloutPlace[];
}

export interface RolloutBatch {
  readonly batch: number;
  /** Some of them, by name. */
  readonly agents: readonly AgentName[];
}

/** A person reads no more; what is left out is in the counts. */
const named = 20;
/** Who looks twice a second misses none. */
const lastBatches = 10;

interface CountRow {
  readonly agents: number;
  readonly first_left: number;
  readonly left_over: number;
  readonly open: number;
  readonly proven: number;
  readonly failed: number;
  readonly given: number;
  readonly away: number;
}

export function rolloutAgents(
  db: Database,
  manifests: Pick<ManifestLedger, 'written'>,
): RolloutAgents {
  const members = ({ certificate, version }: Rollout) => sql`
    from grants g join agents a on a.id = g.agent_id and a.status <> 'removed'
    left join rollout_agents m on m.version = ${version} and m.agent_id = g.agent_id
    left join deployments d on d.agent_id = g.agent_id and d.certificate = g.certificate and d.version = ${version}
    where g.certificate = ${certificate}`;
  const isFirst = ({ plan }: Rollout) =>
    plan.first.length === 0 ? sql`(1 = 0)` : sql`a.name in (${sql.join([...plan.first])})`;
  const isHere = ({ reached, pushedTo }: AwayBefore) =>
    sql`(a.silent = 0 or coalesce(a.last_seen_at, a.status_at, a.created_at)
      >= iif(a.pushed = 1, ${pushedTo.toISOString()}, ${reached.toISOString()}))`;
  const counts = async (rollout: Rollout, away: AwayBefore): Promise<CountRow> => {
    const { rows } = await sql<CountRow>`select
        coalesce(sum(a.status = 'active'), 0) as agents,
        coalesce(sum(a.status = 'active' and m.given_at is null and ${isFirst(rollout)}), 0) as first_left,
        coalesce(sum(a.status = 'active' and ${isHere(away)} and m.given_at is null), 0) as left_over,
        coalesce(sum(m.given_at is not null and a.status = 'active' and m.accepted = 0 and d.failed is not 0), 0) as open,
        coalesce(sum(m.given_at is not null and d.failed is 0), 0) as proven,
        coalesce(sum(m.given_at is not null and d.failed is 1), 0) as failed,
        coalesce(sum(m.given_at is not null), 0) as given,
        coalesce(sum(m.given_at is null and (a.status <> 'active' or not ${isHere(away)})), 0) as away
      ${members(rollout)}`.execute(db);
    const [row] = rows;
    if (row === undefined) throw new Error('a sum has no row');
    return row;
  };
  const failures = async (rollout: Rollout, all: boolean): Promise<readonly RolloutPlace[]> => {
    const { rows } = await sql<{ name: string; detail: string; services: string }>`
      select a.name, d.detail, d.services ${members(rollout)} and m.given_at is not null and d.failed = 1
        and a.status = 'active' and (m.accepted = 0 or ${all ? 1 : 0})
      order by d.reported_at limit ${all ? named : 1}`.execute(db);
    return rows.map(({ name, detail, services }) => ({
      agent: agentName.parse(name),
      says: troubleIn(services) ?? detail,
    }));
  };
  const unheard = async (rollout: Rollout, limit: number) => {
    const { rows } = await sql<{ name: string; given_at: string }>`
      select a.name, m.given_at ${members(rollout)} and m.given_at is not null and m.accepted = 0
        and d.version is null and a.status = 'active'
      order by m.given_at, a.name limit ${limit}`.execute(db);
    return rows.map(({ name, given_at }) => ({
      agent: agentName.parse(name),
      givenAt: new Date(given_at),
    }));
  };
  const newestBatches = async (rollout: Rollout): Promise<readonly RolloutBatch[]> => {
    const { rows } = await sql<{ batch: number; name: string }>`
      select batch, name from (
        select m.batch as batch, a.name as name, row_number() over (partition by m.batch order by a.name) as place
        ${members(rollout)} and m.batch > ${rollout.batch - lastBatches})
      where place <= ${named} order by batch, name`.execute(db);
    const agents = new Map<number, AgentName[]>();
    for (const { batch, name } of rows) {
      const known = agents.get(batch) ?? [];
      agents.set(batch, [...known, agentName.parse(name)]);
    }
    return [...agents].map(([batch, ofBatch]) => ({ batch, agents: ofBatch }));
  };
  return {
    async progress(rollout, away) {
      const { agents, first_left, left_over, open, given } = await counts(rollout, away);
      const [failed] = await failures(rollout, false);
      const [longest] = await unheard(rollout, 1);
      return {
        ...{ agents, firstLeft: first_left, left: left_over, given, open, failed },
        unheard: longest,
      };
    },
    async give(rollout, away, { batch, count, now }) {
      const first = isFirst(rollout);
      const at = now.toISOString();
      const given = await db.transaction().execute(async (transaction) => {
        const { numAffectedRows } =
          await sql`insert into rollout_agents (version, agent_id, batch, given_at)
            select ${rollout.version}, a.id, ${batch}, ${at} ${members(rollout)} and a.status = 'active'
              and m.given_at is null and (${isHere(away)} or ${first})
            order by ${first} desc, a.name limit ${count}
          on conflict (version, agent_id) do update set batch = excluded.batch, given_at = excluded.given_at`.execute(
            transaction,
          );
        await transaction
          .updateTable('rollouts')
          .set({ batch, changed_at: at })
          .where('version', '=', rollout.version)
          .execute();
        return Number(numAffectedRows ?? 0);
      });
      manifests.written();
      return given;
    },
    async census(rollout, awayBefore) {
      const { proven, failed, given, away, left_over } = await counts(rollout, awayBefore);
      return {
        ...{ proven, failed, away, waiting: left_over },
        underWay: given - proven - failed,
        batches: await newestBatches(rollout),
        underWayAgents: (await unheard(rollout, named)).map(({ agent }) => agent),
        failedPlaces: await failures(rollout, true),
      };
    },
  };
}

const told = (services: string): readonly Record<string, unknown>[] => JSON.parse(services);

/** In the program's own words, behind its name. */
function troubleIn(services: string): string | undefined {
  const bad = told(services).find(({ state }) => state !== 'serving');
  return bad && `${String(bad['service'])} (${String(bad['state'])}): ${String(bad['detail'])}`;
}
