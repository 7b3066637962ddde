import { createHash } from 'node:crypto';
import type { Clock } from '@sixhub/base';
import type { Log } from '../ports.js';
import type { Database } from './database.js';

export interface AuditEntry {
  /** `socket`, `token:NAME`, `agent:NAME`, `hub`, or an address. */
  readonly actor: string;
  /** `certificate.issue`, `agent.enrol`, `bundle.refused` … */
  readonly action: string;
  readonly object: string;
  readonly detail?: string;
}

export interface AuditLine extends Required<AuditEntry> {
  readonly seq: number;
  readonly at: string;
  readonly hash: string;
}

/**
 * Every change and every refusal, each line chained to the one before by its hash; the newest hash also goes
 * to the journal, so that a cut tail shows.
 */
export interface Audit {
  append(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  read(options: {
    readonly before?: number;
    readonly limit: number;
  }): Promise<readonly AuditLine[]>;
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
    read({ before, limit }) {
      let query = db.selectFrom('audit').selectAll().orderBy('seq', 'desc').limit(limit);
      if (before !== undefined) query = query.where('seq', '<', before);
      return query.execute();
    },
  };
}

function chainHash(before: string, content: Omit<AuditLine, 'hash'>): string {
  const { seq, at, actor, action, object, detail } = content;
  return createHash('sha256')
    .update(JSON.stringify([before, seq, at, actor, action, object, detail]))
    .digest('hex');
}
