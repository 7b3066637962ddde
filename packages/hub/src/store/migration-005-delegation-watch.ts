import { sql, type Kysely, type Migration } from 'kysely';

/**
 * What is known of each delegation while certificates in use need it. Those of certificates that were issued before
 * this are looked at at once.
 */
export const delegationWatchMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    const { schema } = db;
    for (const column of ['watch', 'look_at'] as const) {
      await schema.alterTable('delegations').addColumn(column, 'text').execute();
    }
    await schema
      .createIndex('delegations_to_look_at')
      .on('delegations')
      .column('look_at')
      .where(sql.ref('look_at'), 'is not', null)
      .execute();
    await schema
      .alterTable('delegations')
      .addColumn('gone', 'integer', (c) => c.notNull().defaultTo(0))
      .execute();
    await schema
      .createIndex('delegations_gone')
      .on('delegations')
      .column('gone')
      .where(sql.ref('gone'), '=', 1)
      .execute();
    const names = sql`select distinct replace(value, '*.', '') as domain, max(v.not_after) as until
      from certificates c join versions v on v.certificate = c.name, json_each(c.names) group by 1`;
    await sql`update delegations set
      look_at = created_at,
      watch = (select json_object('state', 'there', 'since', created_at, 'seen', '',
        'lookAt', created_at, 'until', until, 'everyMs', 86400000) from (${names}) n where n.domain = delegations.domain)
      where domain in (select domain from (${names}))`.execute(db);
  },
};
