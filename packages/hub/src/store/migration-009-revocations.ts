import type { Kysely, Migration } from 'kysely';

/** Versions that are called compromised and whose authority has not taken their revocation yet. */
export const revocationsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable('pending_revocations')
      .addColumn('version', 'text', (c) => c.primaryKey())
      .addColumn('retry_at', 'text', (c) => c.notNull())
      .addColumn('failures', 'integer', (c) => c.notNull())
      .addColumn('fact', 'text', (c) => c.notNull())
      .execute();
  },
};
