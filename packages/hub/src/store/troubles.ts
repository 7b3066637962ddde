import { isRevocationReason } from '@sixhub/acme';
import { certificateName } from '@sixhub/protocol';
import { sql } from 'kysely';
import type { Deployment } from '../domain/agent.js';
import type { CertificateTrouble } from '../domain/certificate-alert.js';
import type { Step } from '../domain/issuance.js';
import type { CopiedAgent, SilentAgent } from '../domain/standing-alerts.js';
import { toDeployment } from './agent-rows.js';
import type { Database } from './database.js';
import { toPresence } from './presences.js';

/** What is not as it should be, found by indexes: with a hundred thousand certificates in order, nothing is read. */
export interface TroubleStore {
  /**
   * Late ones, and those whose latest issuance is unfinished or failed; of each of these three as many as `limit`, the
   * most pressing ones.
   */
  certificates(now: Date, limit: number): Promise<readonly Omit<CertificateTrouble, 'gone'>[]>;
  /** Of agents that have a grant. */
  deployments(): Promise<readonly Deployment[]>;
  /** Active agents that were not heard of since then. */
  silentAgents(since: Date): Promise<readonly SilentAgent[]>;
  /** Active agents of which two machines were seen by turns since then. */
  copiedAgents(since: Date): Promise<readonly CopiedAgent[]>;
}

interface Row {
  readonly name: string;
  readonly not_before: string | null;
  readonly not_after: string | null;
  readonly revoked_at: string | null;
  readonly revoked_reason: string | null;
  readonly stage: 'delegation' | 'order' | 'done' | 'failed' | null;
  readonly failures: number | null;
  readonly created_at: string | null;
  readonly step: string | null;
}

export function troubleStore(db: Database): TroubleStore {
  return {
    async certificates(now, limit) {
      const { rows } = await sql<Row>`
        with troubled(name) as (
          select * from (select c.name from certificates c join renewals r on r.certificate = c.name
            where c.late_at <= ${now.toISOString()} order by c.late_at limit ${limit})
          union select * from (select certificate from issuances where stage in ('delegation', 'order')
            order by certificate limit ${limit})
          union select * from (select certificate from issuances i where stage = 'failed' and not exists (
            select 1 from issuances n where n.certificate = i.certificate and n.created_at > i.created_at)
            order by certificate limit ${limit}))
        select t.name, v.not_before, v.not_after, v.revoked_at, v.revoked_reason, i.stage, i.failures, i.created_at,
          (select step from steps where issuance = i.id order by seq desc limit 1) as step
        from troubled t
        left join versions v on v.id =
          (select id from versions where certificate = t.name order by issued_at desc limit 1)
        left join issuances i on i.id =
          (select id from issuances where certificate = t.name order by created_at desc limit 1)
        order by t.name`.execute(db);
      return rows.map(toTrouble);
    },
    async deployments() {
      const rows = await db
        .selectFrom('deployments')
        .innerJoin('agents', 'agents.id', 'deployments.agent_id')
        .innerJoin('grants', (join) =>
          join
            .onRef('grants.agent_id', '=', 'deployments.agent_id')
            .onRef('grants.certificate', '=', 'deployments.certificate'),
        )
        .selectAll('deployments')
        .select('agents.name as agent')
        .where('failed', '=', 1)
        .where('agents.status', '!=', 'removed')
        .execute();
      return rows.map(toDeployment);
    },
    async silentAgents(since) {
      const rows = await db
        .selectFrom('agents')
        .select(['name', 'last_seen_at', 'created_at'])
        .where('status', '=', 'active')
        .where(
          ({ fn, val }) =>
            sql<boolean>`${fn.coalesce('last_seen_at', 'created_at')} < ${val(since.toISOString())}`,
        )
        .orderBy('name')
        .execute();
      return rows.map((row) => ({
        name: row.name,
        lastSeenAt: new Date(row.last_seen_at ?? row.created_at),
      }));
    },
    async copiedAgents(since) {
      const rows = await db
        .selectFrom('agents')
        .selectAll()
        .where('status', '=', 'active')
        .where('copied_at', '>=', since.toISOString())
        .orderBy('name')
        .execute();
      return rows.flatMap((row) => {
        const presence = toPresence(row);
        return presence === undefined ? [] : [{ name: row.name, presence }];
      });
    },
  };
}

function toTrouble(row: Row): Omit<CertificateTrouble, 'gone'> {
  const { revoked_at: at, revoked_reason: reason } = row;
  return {
    name: certificateName.parse(row.name),
    version:
      row.not_before === null || row.not_after === null
        ? undefined
        : {
            notBefore: new Date(row.not_before),
            notAfter: new Date(row.not_after),
            revoked:
              at !== null && reason !== null && isRevocationReason(reason)
                ? { at: new Date(at), reason }
                : undefined,
          },
    issuance:
      row.stage === null
        ? undefined
        : {
            stage: row.stage,
            failures: row.failures ?? 0,
            createdAt: new Date(row.created_at ?? 0),
          },
    // Written by the issuances' room alone, from the same type.
    told: row.step === null ? undefined : (JSON.parse(row.step) as Step),
  };
}
