import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { Presence } from '../domain/presence.js';
import type { Database } from './database.js';
import type { Tables } from './schema.js';

/** As which machines agents have shown themselves. It is read with the agent. */
export interface PresenceStore {
  save(agentId: string, presence: Presence): Promise<void>;
}

const knownInstances = z.array(
  z.object({ id: z.string(), from: z.string(), since: z.iso.datetime() }),
);

export function presenceStore(db: Database): PresenceStore {
  return {
    async save(agentId, { instances, turns }) {
      await db
        .updateTable('agents')
        .set({
          instances: JSON.stringify(instances),
          copied_since: turns?.since.toISOString() ?? null,
          copied_at: turns?.last.toISOString() ?? null,
        })
        .where('id', '=', agentId)
        .execute();
    },
  };
}

export function toPresence({
  instances,
  copied_since: since,
  copied_at: last,
}: Pick<Selectable<Tables['agents']>, 'instances' | 'copied_since' | 'copied_at'>):
  Presence | undefined {
  if (instances === null) return undefined;
  return {
    instances: knownInstances.parse(JSON.parse(instances)),
    turns:
      since === null || last === null
        ? undefined
        : { since: new Date(since), last: new Date(last) },
  };
}
