import { sql, type Kysely, type Migration } from 'kysely';

/** What renewal needs to remember: when each certificate is looked at, orders made, and who is not to be asked when. */
export const renewalMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const { schema } = db;
    await schema
      .createTable('renewals')
      .addColumn('certificate', 'text', (c) => c.primaryKey().references('certificates.name'))
      .addColumn('look_at', 'text', (c) => c.notNull())
      .addColumn('planned_at', 'text', (c) => c.notNull())
      .addColumn('plan', 'text')
      .execute();
    await schema.createIndex('renewals_due').on('renewals').column('look_at').execute();
    await sql`insert into renewals (certificate, look_at, planned_at)
      select certificate, max(issued_at), max(issued_at) from versions group by certificate`.execute(
      db,
    );
    await schema
      .createTable('orders')
      .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('directory', 'text', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .addColumn('names', 'text', (c) => c.notNull())
      .execute();
    await schema.createIndex('orders_newest').on('orders').columns(['directory', 'at']).execute();
    await schema
      .createIndex('orders_same_names')
      .on('orders')
      .columns(['directory', 'names', 'at'])
      .execute();
    await schema
      .createTable('order_domains')
      .addColumn('order_id', 'integer', (c) =>
        c.notNull().references('orders.id').onDelete('cascade'),
      )
      .addColumn('directory', 'text', (c) => c.notNull())
      .addColumn('domain', 'text', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .execute();
    await schema
      .createIndex('order_domains_newest')
      .on('order_domains')
      .columns(['directory', 'domain', 'at'])
      .execute();
    await schema
      .createIndex('order_domains_of_order')
      .on('order_domains')
      .column('order_id')
      .execute();
    await schema
      .createTable('authority_holds')
      .addColumn('directory', 'text', (c) => c.notNull())
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('since', 'text', (c) => c.notNull())
      .addColumn('until', 'text', (c) => c.notNull())
      .addColumn('failures', 'integer', (c) => c.notNull())
      .addColumn('ordered', 'integer', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('fact', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('authority_holds_key', ['directory', 'subject'])
      .execute();
  },
};
