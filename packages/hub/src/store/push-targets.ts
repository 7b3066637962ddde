import { agentName, certificateName } from '@sixhub/protocol';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { pushForms, type PushState, type PushTarget } from '../domain/push-target.js';
import type { Database } from './database.js';
import { grouped } from './grouped.js';
import type { Tables } from './schema.js';

/** Where the hub pushes to. What is removed is an agent that is removed: its row stays until it is forgotten. */
export interface PushTargetStore {
  create(target: Pick<PushTarget, 'agentId' | 'place' | 'settings'>, dueAt: Date): Promise<void>;
  /** By name, of agents that are not removed. */
  all(): Promise<readonly PushTarget[]>;
  /** The version that each should have now, by agent and certificate. */
  wanted(): Promise<ReadonlyMap<string, WantedOfTarget>>;
  saveState(agentId: string, state: PushState): Promise<void>;
  saveIntents(agentId: string, intents: PushState['intents']): Promise<void>;
  saveHostKey(agentId: string, hostKey: string, dueAt: Date): Promise<void>;
  /** Those whose agent is removed. */
  left(): Promise<readonly string[]>;
  forget(agentId: string): Promise<void>;
}

/** Versions by certificate. */
export type WantedOfTarget = ReadonlyMap<string, string>;

const settings = z.object({
  connect: z.array(z.string()),
  servernames: z.array(z.string()),
  plain: z
    .object({
      certificate: certificateName,
      files: z.array(z.object({ form: z.enum(pushForms), path: z.string(), mode: z.number() })),
      check: z.string().optional(),
      reload: z.string().optional(),
    })
    .optional(),
});
const tried = z.record(z.string(), z.string());
const intents = z.record(z.string(), z.array(z.string()));

export function pushTargetStore(db: Database): PushTargetStore {
  return {
    async create({ agentId, place, settings: given }, dueAt) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('agents')
          .set({ pushed: 1 })
          .where('id', '=', agentId)
          .execute();
        await transaction
          .insertInto('push_targets')
          .values({
            agent_id: agentId,
            ...{ user: place.user, host: place.host, port: place.port, host_key: place.hostKey },
            settings: JSON.stringify(given),
            due_at: dueAt.toISOString(),
            ...{ tried: '{}', failures: 0, fact: '', tried_at: null, intents: '{}' },
          })
          .execute();
      });
    },
    async all() {
      const rows = await db
        .selectFrom('push_targets as p')
        .innerJoin('agents as a', 'a.id', 'p.agent_id')
        .selectAll('p')
        .select('a.name')
        .where('a.status', '!=', 'removed')
        .orderBy('a.name')
        .execute();
      if (rows.length === 0) return [];
      const grants = await db
        .selectFrom('grants as g')
        .innerJoin('push_targets as p', 'p.agent_id', 'g.agent_id')
        .select(['g.agent_id', 'g.certificate'])
        .orderBy('g.certificate')
        .execute();
      const byAgent = grouped(grants, ({ agent_id }) => agent_id);
      return rows.map((row) => toTarget(row, byAgent.get(row.agent_id) ?? []));
    },
    async wanted() {
      const rows = await db
        .selectFrom('wanted_versions as w')
        .innerJoin('push_targets as p', 'p.agent_id', 'w.agent_id')
        .select(['w.agent_id', 'w.certificate', 'w.version'])
        .execute();
      const byAgent = new Map<string, Map<string, string>>();
      for (const { agent_id: agent, certificate, version } of rows) {
        const own = byAgent.get(agent) ?? new Map<string, string>();
        byAgent.set(agent, own);
        if (version !== null) own.set(certificate, version);
      }
      return byAgent;
    },
    async saveState(agentId, state) {
      await db
        .updateTable('push_targets')
        .set({
          due_at: state.dueAt.toISOString(),
          tried: JSON.stringify(state.tried),
          failures: state.failures,
          fact: state.fact,
          tried_at: state.triedAt?.toISOString() ?? null,
          intents: JSON.stringify(state.intents),
        })
        .where('agent_id', '=', agentId)
        .execute();
    },
    async saveIntents(agentId, given) {
      await db
        .updateTable('push_targets')
        .set({ intents: JSON.stringify(given) })
        .where('agent_id', '=', agentId)
        .execute();
    },
    async saveHostKey(agentId, hostKey, dueAt) {
      await db
        .updateTable('push_targets')
        .set({ host_key: hostKey, due_at: dueAt.toISOString() })
        .where('agent_id', '=', agentId)
        .execute();
    },
    async left() {
      const rows = await db
        .selectFrom('push_targets as p')
        .innerJoin('agents as a', 'a.id', 'p.agent_id')
        .select('p.agent_id')
        .where('a.status', '=', 'removed')
        .execute();
      return rows.map(({ agent_id }) => agent_id);
    },
    async forget(agentId) {
      await db.deleteFrom('push_targets').where('agent_id', '=', agentId).execute();
    },
  };
}

function toTarget(
  row: Selectable<Tables['push_targets']> & { readonly name: string },
  grants: readonly { readonly certificate: string }[],
): PushTarget {
  return {
    agentId: row.agent_id,
    name: agentName.parse(row.name),
    grants: grants.map(({ certificate }) => certificateName.parse(certificate)),
    place: { user: row.user, host: row.host, port: row.port, hostKey: row.host_key },
    settings: settings.parse(JSON.parse(row.settings)),
    work: {
      dueAt: new Date(row.due_at),
      tried: tried.parse(JSON.parse(row.tried)),
      failures: row.failures,
      fact: row.fact,
      triedAt: row.tried_at === null ? undefined : new Date(row.tried_at),
      intents: intents.parse(JSON.parse(row.intents)),
    },
  };
}
