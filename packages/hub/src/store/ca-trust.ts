import { agentName, type AgentName } from '@sixhub/protocol';
import type { Database } from './database.js';
import type { ManifestLedger } from './manifest-changes.js';

/** Which CA of this hub each agent trusts, and which CAs of before still count. */
export interface CaTrustStore {
  /** By an agent's word. */
  save(agentId: string, caSha256: string): Promise<void>;
  /** Active agents that did not say that they trust this one; by name, at most so many. */
  behind(caSha256: string, limit: number): Promise<readonly AgentName[]>;
  countBehind(caSha256: string): Promise<number>;
  /** Invited agents whose join tokens are good for something still. */
  openTokens(now: Date): Promise<readonly AgentName[]>;
  /** Every agent's manifest is another one from now on. */
  tellAll(): Promise<void>;
  former(now: Date): Promise<readonly { readonly certificate: string; readonly until: Date }[]>;
  /** In place of those that were kept before. */
  keepFormer(
    kept: { readonly certificate: string; readonly until: Date } | undefined,
  ): Promise<void>;
}

export function caTrustStore(
  db: Database,
  manifests: Pick<ManifestLedger, 'written'>,
): CaTrustStore {
  const othersThan = (caSha256: string) =>
    db
      .selectFrom('agents')
      .where('status', '=', 'active')
      .where(({ eb, or }) => or([eb('ca', 'is', null), eb('ca', '!=', caSha256)]));
  return {
    async save(agentId, caSha256) {
      await db.updateTable('agents').set({ ca: caSha256 }).where('id', '=', agentId).execute();
    },
    async behind(caSha256, limit) {
      const rows = await othersThan(caSha256).select('name').orderBy('name').limit(limit).execute();
      return rows.map(({ name }) => agentName.parse(name));
    },
    async countBehind(caSha256) {
      const { count } = await othersThan(caSha256)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    async openTokens(now) {
      const rows = await db
        .selectFrom('join_tokens')
        .innerJoin('agents', 'agents.id', 'join_tokens.agent_id')
        .select('agents.name')
        .where('agents.status', '=', 'invited')
        .where('expires_at', '>', now.toISOString())
        .orderBy('agents.name')
        .execute();
      return rows.map(({ name }) => agentName.parse(name));
    },
    async tellAll() {
      await db
        .insertInto('manifest_changes')
        .columns(['agent_id'])
        .expression(db.selectFrom('agents').select('id').where('status', '=', 'active'))
        .execute();
      manifests.written();
    },
    async former(now) {
      const rows = await db
        .selectFrom('former_cas')
        .selectAll()
        .where('until', '>', now.toISOString())
        .execute();
      return rows.map(({ certificate, until }) => ({ certificate, until: new Date(until) }));
    },
    async keepFormer(kept) {
      await db.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('former_cas').execute();
        if (kept === undefined) return;
        await transaction
          .insertInto('former_cas')
          .values({ certificate: kept.certificate, until: kept.until.toISOString() })
          .execute();
      });
    },
  };
}
