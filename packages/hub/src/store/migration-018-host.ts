import { sql, type Kysely, type Migration } from 'kysely';

/** How the physical hosts are that agents run on. Few are, so that those are found without reading all agents. */
export const hostMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table agents add column host text`.execute(db);
    await sql`create index agents_host on agents (name) where host is not null`.execute(db);
  },
};
