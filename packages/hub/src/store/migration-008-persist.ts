import type { Kysely, Migration } from 'kysely';

/** What authorities offer for dns-persist-01, and the keys that an account had, which its records may still name. */
export const persistMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const { schema } = db;
    await schema
      .createTable('persist_offers')
      .addColumn('directory', 'text', (c) => c.primaryKey())
      .addColumn('issuers', 'text', (c) => c.notNull())
      .addColumn('hash_prefix', 'text')
      .execute();
    await schema
      .alterTable('authority_accounts')
      .addColumn('former_keys', 'text', (c) => c.notNull().defaultTo('[]'))
      .execute();
  },
};
