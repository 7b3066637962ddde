import { hostWord } from '@sixhub/protocol';
import { z } from 'zod';
import type { DescribedHost } from '../domain/agent.js';
import type { HostInTrouble } from '../domain/standing-alerts.js';
import type { Database } from './database.js';

/** How the physical hosts are that agents run on, by their last word. It is read with the agent. */
export interface DescribedHostStore {
  /** null: it runs on none that is described any more. */
  save(agentId: string, host: DescribedHost | null): Promise<void>;
  /** Of active agents, whatever the state. */
  list(): Promise<readonly HostInTrouble[]>;
}

const describedHost = hostWord.extend({ since: z.iso.datetime() });

export function describedHostStore(db: Database): DescribedHostStore {
  return {
    async save(agentId, host) {
      await db
        .updateTable('agents')
        .set({ host: host === null ? null : JSON.stringify(host) })
        .where('id', '=', agentId)
        .execute();
    },
    async list() {
      const rows = await db
        .selectFrom('agents')
        .select(['name', 'host'])
        .where('host', 'is not', null)
        .where('status', '=', 'active')
        .orderBy('name')
        .execute();
      return rows.flatMap(({ name, host }) => {
        const described = toHost(host);
        return described === undefined ? [] : [{ name, host: described }];
      });
    },
  };
}

export function toHost(text: string | null): DescribedHost | undefined {
  return text === null ? undefined : describedHost.parse(JSON.parse(text));
}
