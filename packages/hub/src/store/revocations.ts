import type { CertificateName } from '@sixhub/protocol';
import type { Selectable } from 'kysely';
import type { Database } from './database.js';
import type { Tables } from './schema.js';

/** The authority has not been told, or did not take it: a version that is marked as revoked, and not yet so there. */
export interface PendingRevocation {
  readonly version: string;
  readonly retryAt: Date;
  /** In a row. */
  readonly failures: number;
  /** Why not yet; empty before the first try. */
  readonly fact: string;
}

/** Revocations that are still to be done at their authority. */
export interface RevocationStore {
  save(pending: PendingRevocation): Promise<void>;
  find(version: string): Promise<PendingRevocation | undefined>;
  of(certificate: CertificateName): Promise<readonly PendingRevocation[]>;
  due(now: Date, limit: number): Promise<readonly PendingRevocation[]>;
  done(version: string): Promise<void>;
}

export function revocationStore(db: Database): RevocationStore {
  const all = () =>
    db.selectFrom('pending_revocations').select(['version', 'retry_at', 'failures', 'fact']);
  return {
    async save({ version, retryAt, failures, fact }) {
      const content = { retry_at: retryAt.toISOString(), failures, fact };
      await db
        .insertInto('pending_revocations')
        .values({ version, ...content })
        .onConflict((conflict) => conflict.column('version').doUpdateSet(content))
        .execute();
    },
    async find(version) {
      const row = await all().where('version', '=', version).executeTakeFirst();
      return row && toPending(row);
    },
    async of(certificate) {
      const rows = await all()
        .where('version', 'in', (query) =>
          query.selectFrom('versions').select('id').where('certificate', '=', certificate),
        )
        .execute();
      return rows.map(toPending);
    },
    async due(now, limit) {
      const rows = await all()
        .where('retry_at', '<=', now.toISOString())
        .orderBy('retry_at')
        .limit(limit)
        .execute();
      return rows.map(toPending);
    },
    async done(version) {
      await db.deleteFrom('pending_revocations').where('version', '=', version).execute();
    },
  };
}

function toPending(row: Selectable<Tables['pending_revocations']>): PendingRevocation {
  const { version, failures, fact } = row;
  return { version, retryAt: new Date(row.retry_at), failures, fact };
}
