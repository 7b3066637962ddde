import { sql, type RawBuilder, type Selectable } from 'kysely';
import { rankOf } from '../domain/agent-program.js';
import type { FleetAgent, FleetFilter, FleetSummary } from '../domain/fleet.js';
import { lateMs, uncheckedMs } from '../domain/standing.js';
import { toAgent } from './agent-rows.js';
import type { Database } from './database.js';
import { grouped } from './grouped.js';
import type { Page } from './page.js';
import type { Tables } from './schema.js';

/** Thousands of agents: whom a filter leaves out is left out in the database, and nothing is read of him. */
export interface FleetStore {
  /** By name; those that are removed are never among them. */
  page(filter: FleetFilter, page: Page<string>, now: Date): Promise<readonly FleetAgent[]>;
  summary(filter: FleetFilter, now: Date): Promise<FleetSummary>;
}

type Condition = RawBuilder<boolean>;

/** What an agent should have, and what it has told of that. */
const holdings = sql`wanted_versions w
  left join deployments d on d.agent_id = w.agent_id and d.certificate = w.certificate
  where w.agent_id = a.id`;

const isBehind: Condition = sql`(a.status = 'active' and a.silent = 0 and exists (select 1 from ${holdings}
  and w.version is not null and (d.version is null or d.version <> w.version or d.failed = 1)))`;

/** standing.ts as a condition: what there needs a person (fleet.test.ts holds the two against each other). */
function needsPerson(now: Date): Condition {
  const late = new Date(now.getTime() - lateMs).toISOString();
  const unchecked = new Date(now.getTime() - uncheckedMs).toISOString();
  return sql`(exists (select 1 from ${holdings} and (a.status = 'invited' or a.silent = 1 or d.failed = 1
      or (d.version = w.version and exists (select 1 from json_each(d.services) s
        where json_extract(s.value, '$.at') < ${unchecked}))
      or ((d.version is null or d.version <> w.version) and coalesce(a.status_at, '') < ${late}
        and coalesce(w.given_at, '') < ${late}
        and exists (select 1 from versions v where v.id = w.version and v.issued_at < ${late})
        and exists (select 1 from grants g where g.agent_id = w.agent_id and g.certificate = w.certificate
          and coalesce(g.granted_at, '') < ${late}))))
    or (a.status = 'active' and exists (select 1 from wants n where n.agent_id = a.id and not exists (
      select 1 from grants g where g.agent_id = n.agent_id and g.certificate = n.certificate))))`;
}

function conditions(filter: FleetFilter, now: Date): readonly Condition[] {
  const { status, silent, behind, needsPerson: needy, certificate } = filter;
  const { version, olderThan, name } = filter;
  const must = (condition: Condition, wanted: boolean): Condition =>
    wanted ? condition : sql`not ${condition}`;
  return [
    sql`a.status <> 'removed'`,
    ...(status === undefined ? [] : [sql<boolean>`a.status = ${status}`]),
    ...(silent === undefined ? [] : [sql<boolean>`a.silent = ${silent ? 1 : 0}`]),
    ...(version === undefined ? [] : [sql<boolean>`a.program = ${version}`]),
    ...(olderThan === undefined
      ? []
      : [
          sql<boolean>`(a.status = 'active' and coalesce(a.program_rank, -1) < ${rankOf(olderThan)})`,
        ]),
    ...(name === undefined ? [] : [sql<boolean>`a.name like ${likeOf(name)} escape '!'`]),
    ...(certificate === undefined
      ? []
      : [
          sql<boolean>`a.id in (select g.agent_id from grants g where g.certificate = ${certificate})`,
        ]),
    ...(behind === undefined ? [] : [must(isBehind, behind)]),
    ...(needy === undefined ? [] : [must(needsPerson(now), needy)]),
  ];
}

/** `*` and `?` as SQL has them. */
function likeOf(pattern: string): string {
  return pattern.replace(/[!%_]/g, '!$&').replaceAll('*', '%').replaceAll('?', '_');
}

type AgentRow = Selectable<Tables['agents']> & { behind: number; needy: number };

export function fleetStore(db: Database): FleetStore {
  return {
    async page(filter, { after, limit }, now) {
      const where = conditions(filter, now);
      const place = after === undefined ? [] : [sql<boolean>`a.name > ${after}`];
      const { rows } = await sql<AgentRow>`
        select a.*, ${isBehind} as behind, ${needsPerson(now)} as needy from agents a
        where ${sql.join([...place, ...where], sql` and `)} order by a.name limit ${limit}`.execute(
        db,
      );
      const first = rows[0]?.name;
      const last = rows.at(-1)?.name;
      if (first === undefined || last === undefined) return [];
      const grants = await db
        .selectFrom('grants')
        .innerJoin('agents', 'agents.id', 'grants.agent_id')
        .select(['agent_id', 'certificate'])
        .where('agents.status', '!=', 'removed')
        .where(({ between }) => between('agents.name', first, last))
        .orderBy('certificate')
        .execute();
      const byAgent = grouped(grants, ({ agent_id }) => agent_id);
      return rows.map((row) => ({
        ...toAgent(row, byAgent.get(row.id) ?? []),
        behind: row.behind === 1,
        needsPerson: row.needy === 1,
      }));
    },
    async summary(filter, now) {
      const { rows } = await sql<{
        program: string | null;
        agents: number;
        behind: number;
        silent: number;
        invited: number;
        needy: number;
      }>`select iif(status = 'active', program, null) as program, count(*) as agents, sum(behind) as behind,
          sum(silent = 1 and status = 'active') as silent, sum(status = 'invited') as invited, sum(needy) as needy
        from (select a.status, a.silent, a.program, a.program_rank, ${isBehind} as behind, ${needsPerson(now)} as needy
          from agents a where ${sql.join([...conditions(filter, now)], sql` and `)})
        group by 1 order by iif(status = 'active', program, null) is null, max(program_rank) desc`.execute(
        db,
      );
      const sum = (of: (row: (typeof rows)[number]) => number): number =>
        rows.reduce((total, row) => total + of(row), 0);
      const agents = sum((row) => row.agents);
      const behind = sum((row) => row.behind);
      const silent = sum((row) => row.silent);
      const invited = sum((row) => row.invited);
      return {
        ...{ agents, behind, silent, invited },
        well: agents - behind - silent - invited,
        needsPerson: sum((row) => row.needy),
        versions: rows
          .map((row) => ({
            version: row.program,
            agents: row.program === null ? row.agents - row.invited : row.agents,
          }))
          .filter((one) => one.agents > 0),
      };
    },
  };
}
