import type { Kysely, Migration } from 'kysely';

/** Who keeps its key, what was revoked and why, and an account's next key while it is being changed. */
export const keysMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const { schema } = db;
    for (const table of ['certificates', 'issuances']) {
      await schema
        .alterTable(table)
        .addColumn('reuse_key', 'integer', (c) => c.notNull().defaultTo(0))
        .execute();
    }
    await schema.alterTable('versions').addColumn('revoked_at', 'text').execute();
    await schema.alterTable('versions').addColumn('revoked_reason', 'text').execute();
    await schema.alterTable('authority_accounts').addColumn('sealed_next_key', 'blob').execute();
    await schema.alterTable('authority_accounts').addColumn('deactivated_at', 'text').execute();
  },
};
