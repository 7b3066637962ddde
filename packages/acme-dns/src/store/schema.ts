import { sql, type Kysely } from 'kysely';

/** The Go program's tables are called acmedns, records and txt; ours may stand in the same file beside them. */
export interface Schema {
  account: {
    subdomain: string;
    username: string;
    secret: string;
    /** A JSON array of networks. */
    allow_from: string;
    note: string;
    created_at: number;
  };
  challenge_value: {
    sequence: number;
    subdomain: string;
    value: string;
    challenge: string | null;
    created_at: number;
  };
  zone_state: { name: 'schema' | 'serial' | 'sequence' | 'key'; value: string };
}

export const schemaVersion = 1;

/** Idempotent, so that starting is all there is to creating a database. */
export async function createTables(database: Kysely<Schema>): Promise<void> {
  await database.schema
    .createTable('account')
    .ifNotExists()
    .addColumn('subdomain', 'text', (column) => column.primaryKey())
    .addColumn('username', 'text', (column) => column.notNull().unique())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('allow_from', 'text', (column) => column.notNull())
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await database.schema
    .createTable('challenge_value')
    .ifNotExists()
    .addColumn('sequence', 'bigint', (column) => column.primaryKey())
    .addColumn('subdomain', 'text', (column) =>
      column.notNull().references('account.subdomain').onDelete('cascade'),
    )
    .addColumn('value', 'text', (column) => column.notNull())
    .addColumn('challenge', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await database.schema
    .createIndex('challenge_value_subdomain')
    .ifNotExists()
    .on('challenge_value')
    .column('subdomain')
    .execute();
  await database.schema
    .createTable('zone_state')
    .ifNotExists()
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .addCheckConstraint('zone_state_names', sql`name in ('schema', 'serial', 'sequence', 'key')`)
    .execute();
}
