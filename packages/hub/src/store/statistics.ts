import { sql } from 'kysely';
import type { Database } from './database.js';

/**
 * What monitoring counts and names. Each figure comes from an index, and what is named one by one is bounded by
 * `limit`, the most urgent first: a hub with 100,000 certificates is scraped as fast as one with 100.
 */
export interface StatisticsStore {
  counts(now: Date): Promise<Counts>;
  /** Those of which a quarter of the lifetime is left first. */
  ending(limit: number): Promise<readonly EndingCertificate[]>;
  /** Certificates whose latest issuance has failed, for good or at its last attempts. */
  failing(limit: number): Promise<readonly FailingIssuance[]>;
  /** Holds on whole authorities, by directory. */
  holds(now: Date): Promise<readonly { readonly directory: string; readonly until: Date }[]>;
  /** Heard of longest ago first. */
  agents(limit: number): Promise<readonly HeardAgent[]>;
  /** Services that do not serve what they should, counted by their state; others are not there. */
  failingServices(): Promise<ReadonlyMap<string, number>>;
  /** Deployments of grants that stand where a service does not serve what was installed, or nothing was. */
  failedDeployments(limit: number): Promise<readonly FailedDeployment[]>;
  /** The last line of the audit log. */
  auditHead(): Promise<{ readonly seq: number; readonly hash: string } | undefined>;
}

export interface Counts {
  readonly certificates: number;
  readonly unissued: number;
  readonly expired: number;
  /** Less than a quarter of the lifetime is left: the renewal is late. */
  readonly late: number;
  readonly running: number;
  readonly renewalsDue: number;
  readonly delegations: number;
  readonly delegationsGone: number;
  readonly invited: number;
  readonly active: number;
  readonly silent: number;
  readonly grants: number;
}

export interface EndingCertificate {
  readonly name: string;
  readonly authority: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface FailingIssuance {
  readonly name: string;
  readonly failures: number;
  /** Only a person can help. */
  readonly failed: boolean;
}

export interface HeardAgent {
  readonly name: string;
  readonly lastSeenAt: Date;
  /** Undefined before its first report. */
  readonly reportedAt: Date | undefined;
}

export interface FailedDeployment {
  readonly agent: string;
  readonly certificate: string;
  /** Since when the first of its services; where nothing was installed, since it was told. */
  readonly since: Date;
}

export function statisticsStore(db: Database): StatisticsStore {
  return {
    async counts(now) {
      const at = now.toISOString();
      const row = await db
        .selectNoFrom(({ selectFrom }) => {
          const all = (
            table: 'certificates' | 'delegations' | 'grants' | 'issuances' | 'renewals' | 'agents',
          ) => selectFrom(table).select(({ fn }) => fn.countAll().as('n'));
          return [
            all('certificates').as('certificates'),
            all('certificates').where('not_after', 'is', null).as('unissued'),
            all('certificates').where('not_after', '<=', at).as('expired'),
            all('certificates').where('late_at', '<=', at).as('late'),
            all('issuances').where('stage', 'in', ['delegation', 'order']).as('running'),
            all('renewals').where('look_at', '<=', at).as('renewalsDue'),
            all('delegations').as('delegations'),
            all('delegations').where('state', '=', 'gone').as('delegationsGone'),
            all('agents').where('status', '=', 'invited').as('invited'),
            all('agents').where('status', '=', 'active').as('active'),
            all('agents').where('status', '=', 'active').where('silent', '=', 1).as('silent'),
            all('grants').as('grants'),
          ];
        })
        .executeTakeFirstOrThrow();
      const { certificates, unissued, expired, late, running, renewalsDue } = row;
      const { delegations, delegationsGone, invited, active, silent, grants } = row;
      const n = (count: number | string | bigint | null): number => Number(count ?? 0);
      return {
        ...{ certificates: n(certificates), unissued: n(unissued), expired: n(expired) },
        ...{ late: n(late), running: n(running), renewalsDue: n(renewalsDue) },
        ...{ delegations: n(delegations), delegationsGone: n(delegationsGone) },
        ...{ invited: n(invited), active: n(active), silent: n(silent), grants: n(grants) },
      };
    },
    async ending(limit) {
      const rows = await db
        .selectFrom('certificates as c')
        .innerJoin('versions as v', 'v.id', 'c.version')
        .select(['c.name', 'v.authority', 'v.not_before', 'v.not_after'])
        .where('c.late_at', 'is not', null)
        .orderBy('c.late_at')
        .limit(limit)
        .execute();
      return rows.map(({ name, authority, not_before, not_after }) => ({
        ...{ name, authority },
        notBefore: new Date(not_before),
        notAfter: new Date(not_after),
      }));
    },
    async failing(limit) {
      const rows = await db
        .selectFrom('issuances as i')
        .innerJoin('certificates as c', 'c.issuance', 'i.id')
        .select(['c.name', 'i.failures', 'i.stage'])
        .where('i.stage', 'in', ['delegation', 'order', 'failed'])
        .where(({ eb, or }) => or([eb('i.stage', '=', 'failed'), eb('i.failures', '>', 0)]))
        .orderBy('c.name')
        .limit(limit)
        .execute();
      return rows.map(({ name, failures, stage }) => ({
        ...{ name, failures },
        failed: stage === 'failed',
      }));
    },
    async holds(now) {
      const rows = await db
        .selectFrom('authority_holds')
        .select(['directory', 'until'])
        .where('subject', '=', '')
        .where('until', '>', now.toISOString())
        .execute();
      return rows.map(({ directory, until }) => ({ directory, until: new Date(until) }));
    },
    async agents(limit) {
      const rows = await db
        .selectFrom('agents')
        .where('status', '=', 'active')
        .select(['name', 'last_seen_at', 'created_at'])
        .select(({ selectFrom }) =>
          selectFrom('deployments')
            .whereRef('agent_id', '=', 'agents.id')
            .select(({ fn }) => fn.max('reported_at').as('at'))
            .as('reported_at'),
        )
        .orderBy('last_seen_at')
        .limit(limit)
        .execute();
      return rows.map(({ name, last_seen_at, created_at, reported_at }) => ({
        name,
        lastSeenAt: new Date(last_seen_at ?? created_at),
        reportedAt: reported_at === null ? undefined : new Date(reported_at),
      }));
    },
    async failingServices() {
      const { rows } = await sql<{ state: string; n: number }>`
        select json_extract(s.value, '$.state') as state, count(*) as n
        from deployments d
        join agents a on a.id = d.agent_id and a.status <> 'removed'
        join grants g on g.agent_id = d.agent_id and g.certificate = d.certificate
        join json_each(d.services) s
        where d.failed = 1 group by 1`.execute(db);
      return new Map(rows.map(({ state, n }) => [state, n]));
    },
    async failedDeployments(limit) {
      const rows = await db
        .selectFrom('deployments as d')
        .innerJoin('agents as a', 'a.id', 'd.agent_id')
        .innerJoin('grants as g', (join) =>
          join.onRef('g.agent_id', '=', 'd.agent_id').onRef('g.certificate', '=', 'd.certificate'),
        )
        .where('d.failed', '=', 1)
        .where('a.status', '!=', 'removed')
        .select(['a.name as agent', 'd.certificate', 'd.reported_at'])
        .select(
          sql<
            string | null
          >`(select min(json_extract(s.value, '$.since')) from json_each(d.services) s
            where json_extract(s.value, '$.state') <> 'serving')`.as('since'),
        )
        .limit(limit)
        .execute();
      return rows.map(({ agent, certificate, reported_at, since }) => ({
        ...{ agent, certificate },
        since: new Date(since ?? reported_at),
      }));
    },
    auditHead() {
      return db
        .selectFrom('audit')
        .select(['seq', 'hash'])
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
    },
  };
}
