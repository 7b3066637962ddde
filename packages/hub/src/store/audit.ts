import type { Clock } from '@sixhub/base';
import type { Log } from '../ports.js';
import { chainHash, type AuditLine } from './audit-chain.js';
import type { Database } from './database.js';

export interface AuditEntry {
  /** `socket`, `token:NAME`, `agent:NAME`, `hub`, or an address. */
  readonly actor: string;
  /** `certificate.issue`, `agent.enrol`, `bundle.refused` … */
  readonly action: string;
  readonly object: string;
  readonly detail?: string;
}

/**
 * Every change and every refusal, each line chained to the one before by its hash; the newest hash also goes
 * to the journal, so that a cut tail shows.
 */
export interface Audit {
  append(entry: AuditEntry): Promise<void>;
  /** Newest first, or from the first on. */
  read(options: AuditWish): Promise<readonly AuditLine[]>;
}

export interface AuditWish {
  readonly limit: number;
  readonly before?: number | undefined;
  /** From the first on, those after this. */
  readonly after?: number | undefined;
  readonly actor?: string | undefined;
  readonly object?: string | undefined;
  /** Or its beginning before a dot: `agent` for `agent.grant` and the like. */
  readonly action?: string | undefined;
}

export function auditStore(db: Database, clock: Clock, log: Log): Audit {
  return {
    async append({ actor, action, object, detail = '' }) {
      const at = clock.now().toISOString();
      const line = await db.transaction().execute(async (transaction) => {
        const last = await transaction
          .selectFrom('audit')
          .select(['seq', 'hash'])
          .orderBy('seq', 'desc')
          .limit(1)
          .executeTakeFirst();
        const seq = (last?.seq ?? 0) + 1;
        const content = { seq, at, actor, action, object, detail };
        const hash = chainHash(last?.hash ?? '', content);
        await transaction
          .insertInto('audit')
          .values({ ...content, hash })
          .execute();
        return { ...content, hash };
      });
      log.info({ audit: line }, `${action} ${object}`);
    },
    read({ before, after, limit, actor, object, action }) {
      let query = db.selectFrom('audit').selectAll().limit(limit);
      query = query.orderBy('seq', after === undefined ? 'desc' : 'asc');
      if (before !== undefined) query = query.where('seq', '<', before);
      if (after !== undefined) query = query.where('seq', '>', after);
      if (actor !== undefined) query = query.where('actor', '=', actor);
      if (object !== undefined) query = query.where('object', '=', object);
      if (action !== undefined) {
        query = query.where(({ eb, or, between }) =>
          // From the dot to the character after it: what begins with the action's first part.
          or([eb('action', '=', action), between('action', `${action}.`, `${action}/`)]),
        );
      }
      return query.execute();
    },
  };
}
