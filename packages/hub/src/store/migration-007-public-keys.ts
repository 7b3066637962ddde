import { sql, type Kysely, type Migration } from 'kysely';
import { publicKeyOfCertificate } from './public-key.js';

/** Which versions share a key, of whatever certificate: a key that is compromised is so in all of them. */
export const publicKeysMigration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .alterTable('versions')
      .addColumn('public_key', 'text', (c) => c.notNull().defaultTo(''))
      .execute();
    const { rows } = await sql<{ id: string; leaf: string }>`select id, leaf from versions`.execute(
      db,
    );
    for (const { id, leaf } of rows) {
      const key = publicKeyOfCertificate(leaf);
      await sql`update versions set public_key = ${key} where id = ${id}`.execute(db);
    }
    await db.schema
      .createIndex('versions_public_key')
      .on('versions')
      .column('public_key')
      .execute();
  },
};
