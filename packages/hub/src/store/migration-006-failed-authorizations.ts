import type { Kysely, Migration } from 'kysely';

/**
 * Limits as buckets, failed authorizations and new accounts among them, in place of a list of orders that had to be
 * counted. Orders of the last week are not carried over: where that lets one too many through, the authority's own
 * answer is obeyed.
 */
export const failedAuthorizationsMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const { schema } = db;
    await schema.dropTable('order_domains').execute();
    await schema.dropTable('orders').execute();
    await schema
      .createTable('limit_buckets')
      .addColumn('directory', 'text', (c) => c.notNull())
      .addColumn('kind', 'text', (c) => c.notNull())
      .addColumn('subject', 'text', (c) => c.notNull())
      .addColumn('full_at', 'text', (c) => c.notNull())
      .addColumn('taken_at', 'text', (c) => c.notNull().defaultTo(''))
      .addPrimaryKeyConstraint('limit_buckets_key', ['directory', 'kind', 'subject'])
      .execute();
    await schema.createIndex('limit_buckets_full').on('limit_buckets').column('full_at').execute();
    await schema
      .createTable('open_orders')
      .addColumn('url', 'text', (c) => c.primaryKey())
      .addColumn('names', 'text', (c) => c.notNull())
      .addColumn('at', 'text', (c) => c.notNull())
      .execute();
    await schema.createIndex('open_orders_at').on('open_orders').column('at').execute();
  },
};
