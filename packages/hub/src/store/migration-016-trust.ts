import { sql, type Kysely, type Migration } from 'kysely';

/**
 * As which machines each agent has shown itself, so that one that was copied is noticed across a restart of the hub; and
 * which CA of the hub it trusts, so that the hub knows when all have a new one.
 */
export const trustMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...columns, formerCas]) await sql.raw(statement).execute(db);
  },
};

const columns: readonly string[] = [
  'alter table agents add column instances text',
  'alter table agents add column copied_since text',
  'alter table agents add column copied_at text',
  'alter table agents add column ca text',
  'create index agents_copied on agents (copied_at) where copied_at is not null',
];

const formerCas = 'create table former_cas (certificate text primary key, until text not null)';
