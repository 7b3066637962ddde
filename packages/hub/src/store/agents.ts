import { agentName, type AgentName, type CertificateName } from '@sixhub/protocol';
import type { CompiledQuery, Selectable } from 'kysely';
import type { Agent, Deployment } from '../domain/agent.js';
import { rankOf, type AgentProgram } from '../domain/agent-program.js';
import type { Want } from '../domain/holding.js';
import { toAgent, toDeployment } from './agent-rows.js';
import type { Database } from './database.js';
import type { ManifestLedger } from './manifest-changes.js';
import type { Tables } from './schema.js';

/** Agents with their grants, join tokens and deployments. Removed agents stay as rows: the audit log names them. */
export interface AgentStore {
  /**
   * Active ones that were last heard of before, of those that are pushed to before `pushedBefore`; how many are so since
   * now.
   */
  markSilent(before: Date, pushedBefore: Date): Promise<number>;
  /** Any that is not removed. */
  find(name: AgentName): Promise<Agent | undefined>;
  byId(id: string): Promise<Agent | undefined>;
  create(agent: Pick<Agent, 'id' | 'name' | 'createdAt'>): Promise<void>;
  /** False where the agent was removed meanwhile: that is final. */
  setStatus(id: string, status: Agent['status'], at: Date): Promise<boolean>;
  seen(id: string, at: Date): Promise<void>;
  /** What it says that it is; to be called where that is another than before. */
  saveProgram(id: string, program: AgentProgram): Promise<void>;
  grant(id: string, certificate: CertificateName, at: Date): Promise<void>;
  ungrant(id: string, certificate: CertificateName): Promise<void>;
  /** Who may have it, by name; removed ones can't. */
  having(certificate: CertificateName): Promise<readonly AgentName[]>;
  /** One valid token an agent: a new one replaces the old. */
  saveToken(agentId: string, hash: string, expiresAt: Date): Promise<void>;
  token(hash: string): Promise<JoinTokenRow | undefined>;
  /** Ties a token to the first public key that uses it; false where another key was first. */
  useToken(hash: string, publicKeyHash: string): Promise<boolean>;
  saveDeployment(agentId: string, deployment: Deployment): Promise<void>;
  /** Replaces what was told before. */
  saveWants(
    agentId: string,
    wants: readonly Pick<Want, 'service' | 'certificate'>[],
  ): Promise<void>;
  deployment(agentId: string, certificate: CertificateName): Promise<Deployment | undefined>;
}

export interface JoinTokenRow {
  readonly agentId: string;
  readonly expiresAt: Date;
  readonly usedBy: string | undefined;
}

export function agentStore(db: Database, manifests: Pick<ManifestLedger, 'written'>): AgentStore {
  const withGrants = db
    .selectFrom('agents')
    .leftJoin('grants', 'grants.agent_id', 'agents.id')
    .selectAll('agents')
    .select('grants.certificate as granted')
    .orderBy('grants.certificate');
  // At each request of each agent, and so put together once.
  const byId = withGrants.where('agents.id', '=', '').compile();
  const deployments = () =>
    db
      .selectFrom('deployments')
      .innerJoin('agents', 'agents.id', 'deployments.agent_id')
      .selectAll('deployments')
      .select('agents.name as agent')
      .where('agents.status', '!=', 'removed');
  return {
    async markSilent(before, pushedBefore) {
      const { numUpdatedRows } = await db
        .updateTable('agents')
        .set({ silent: 1 })
        .where('status', '=', 'active')
        .where('silent', '=', 0)
        .where(({ eb, fn }) =>
          eb(
            fn.coalesce('last_seen_at', 'status_at', 'created_at'),
            '<',
            eb
              .case()
              .when('pushed', '=', 1)
              .then(pushedBefore.toISOString())
              .else(before.toISOString())
              .end(),
          ),
        )
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
    async find(name) {
      const rows = await withGrants
        .where('name', '=', name)
        .where('status', '!=', 'removed')
        .execute();
      return agentOf(rows);
    },
    async having(certificate) {
      const rows = await db
        .selectFrom('grants')
        .innerJoin('agents', 'agents.id', 'grants.agent_id')
        .select('agents.name')
        .where('grants.certificate', '=', certificate)
        .where('agents.status', '!=', 'removed')
        .orderBy('agents.name')
        .execute();
      return rows.map(({ name }) => agentName.parse(name));
    },
    async byId(id) {
      const { rows } = await db.executeQuery(withParameter(byId, id));
      return agentOf(rows);
    },
    async create({ id, name, createdAt }) {
      await db
        .insertInto('agents')
        .values({
          id,
          name,
          status: 'invited',
          status_at: createdAt.toISOString(),
          created_at: createdAt.toISOString(),
          last_seen_at: null,
        })
        .execute();
    },
    async setStatus(id, status, at) {
      const { numUpdatedRows } = await db
        .updateTable('agents')
        .set({ status, status_at: at.toISOString() })
        .where('id', '=', id)
        .where('status', '!=', 'removed')
        .executeTakeFirstOrThrow();
      manifests.written();
      return numUpdatedRows === 1n;
    },
    async seen(id, at) {
      await db
        .updateTable('agents')
        .set({ last_seen_at: at.toISOString() })
        .where('id', '=', id)
        .execute();
    },
    async saveProgram(id, { version, node }) {
      await db
        .updateTable('agents')
        .set({ program: version, program_rank: rankOf(version), node: node ?? null })
        .where('id', '=', id)
        .execute();
    },
    async grant(id, certificate, at) {
      await db
        .insertInto('grants')
        .values({ agent_id: id, certificate, granted_at: at.toISOString() })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      manifests.written();
    },
    async ungrant(id, certificate) {
      await db
        .deleteFrom('grants')
        .where('agent_id', '=', id)
        .where('certificate', '=', certificate)
        .execute();
      manifests.written();
    },
    async saveToken(agentId, hash, expiresAt) {
      await db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('join_tokens').where('agent_id', '=', agentId).execute();
        await transaction
          .insertInto('join_tokens')
          .values({ hash, agent_id: agentId, expires_at: expiresAt.toISOString(), used_by: null })
          .execute();
      });
    },
    async token(hash) {
      const row = await db
        .selectFrom('join_tokens')
        .selectAll()
        .where('hash', '=', hash)
        .executeTakeFirst();
      return (
        row && {
          agentId: row.agent_id,
          expiresAt: new Date(row.expires_at),
          usedBy: row.used_by ?? undefined,
        }
      );
    },
    async useToken(hash, publicKeyHash) {
      const { numUpdatedRows } = await db
        .updateTable('join_tokens')
        .set({ used_by: publicKeyHash })
        .where('hash', '=', hash)
        .where(({ eb, or }) => or([eb('used_by', 'is', null), eb('used_by', '=', publicKeyHash)]))
        .executeTakeFirstOrThrow();
      return numUpdatedRows === 1n;
    },
    async saveDeployment(agentId, deployment) {
      const content = {
        version: deployment.version,
        installed: deployment.installed ? 1 : 0,
        detail: deployment.detail,
        services: JSON.stringify(deployment.services),
        reported_at: deployment.reportedAt.toISOString(),
      };
      await db
        .insertInto('deployments')
        .values({ agent_id: agentId, certificate: deployment.certificate, ...content })
        .onConflict((conflict) =>
          conflict.columns(['agent_id', 'certificate']).doUpdateSet(content),
        )
        .execute();
    },
    async saveWants(agentId, wants) {
      await db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('wants').where('agent_id', '=', agentId).execute();
        if (wants.length === 0) return;
        const rows = wants.map((want) => ({ agent_id: agentId, ...want }));
        await transaction
          .insertInto('wants')
          .values(rows)
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      });
    },
    async deployment(agentId, certificate) {
      const row = await deployments()
        .where('agent_id', '=', agentId)
        .where('certificate', '=', certificate)
        .executeTakeFirst();
      return row && toDeployment(row);
    },
  };
}

/** Of rows that are one agent's, one a grant. */
function agentOf(
  rows: readonly (Selectable<Tables['agents']> & { readonly granted: string | null })[],
): Agent | undefined {
  const [row] = rows;
  const grants = rows.flatMap(({ granted }) =>
    granted === null ? [] : [{ certificate: granted }],
  );
  return row && toAgent(row, grants);
}

/** A query with one place, put together before its value was known. */
function withParameter<Row>(query: CompiledQuery<Row>, value: string): CompiledQuery<Row> {
  return { ...query, parameters: [value] };
}
