import { sql, type Kysely, type Migration } from 'kysely';

/** Hosts without an agent, to which the hub brings certificates by itself. */
export const pushMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table agents add column pushed integer not null default 0`.execute(db);
    await db.schema
      .createTable('push_targets')
      .addColumn('agent_id', 'text', (c) => c.primaryKey().references('agents.id'))
      .addColumn('user', 'text', (c) => c.notNull())
      .addColumn('host', 'text', (c) => c.notNull())
      .addColumn('port', 'integer', (c) => c.notNull())
      .addColumn('host_key', 'text', (c) => c.notNull())
      .addColumn('settings', 'text', (c) => c.notNull())
      .addColumn('due_at', 'text', (c) => c.notNull())
      .addColumn('tried', 'text', (c) => c.notNull())
      .addColumn('failures', 'integer', (c) => c.notNull())
      .addColumn('fact', 'text', (c) => c.notNull())
      .addColumn('tried_at', 'text')
      .addColumn('intents', 'text', (c) => c.notNull())
      .execute();
  },
};
