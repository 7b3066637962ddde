import { sql, type Kysely, type Migration } from 'kysely';

/**
 * What stands, what was told about it, and to whom it still has to be sent; and issuances that ended badly are
 * found by an index, as late certificates and failed deployments are already.
 */
export const alertsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await makeTables(db);
    await makeTroublesFindable(db);
  },
};

async function makeTables({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('alerts')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('known', 'text', (c) => c.notNull())
    .addColumn('silenced_until', 'text')
    .execute();
  await schema
    .createTable('notices')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('groups', 'text', (c) => c.notNull())
    .execute();
  await schema.createIndex('notices_newest').on('notices').column('at').execute();
  await schema
    .createTable('deliveries')
    .addColumn('notice', 'text', (c) => c.notNull().references('notices.id').onDelete('cascade'))
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('next_at', 'text')
    .addColumn('sent_at', 'text')
    .addColumn('error', 'text')
    .addPrimaryKeyConstraint('deliveries_key', ['notice', 'channel'])
    .execute();
  await schema
    .createIndex('deliveries_due')
    .on('deliveries')
    .columns(['channel', 'next_at'])
    .where(sql.ref('next_at'), 'is not', null)
    .execute();
  await schema
    .createTable('authority_terms')
    .addColumn('directory', 'text', (c) => c.primaryKey())
    .addColumn('agreed', 'text')
    .addColumn('present', 'text')
    .addColumn('changed_at', 'text', (c) => c.notNull())
    .addColumn('look_at', 'text', (c) => c.notNull())
    .execute();
}

async function makeTroublesFindable({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createIndex('issuances_failed')
    .on('issuances')
    .column('certificate')
    .where(sql.ref('stage'), '=', 'failed')
    .execute();
}
