import { sql, type Kysely, type Migration } from 'kysely';

/** As which machines each agent has shown itself, so that one that was copied is noticed across a restart of the hub. */
export const trustMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of columns) await sql.raw(statement).execute(db);
  },
};

const columns: readonly string[] = [
  'alter table agents add column instances text',
  'alter table agents add column copied_since text',
  'alter table agents add column copied_at text',
  'create index agents_copied on agents (copied_at) where copied_at is not null',
];
