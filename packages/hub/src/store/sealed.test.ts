import { expect, test } from 'vitest';
import { sql } from 'kysely';
import { openDatabase } from './database.js';
import { sealedColumns } from './sealed.js';

test('every column of the database that holds bytes is known to hold what is sealed', async () => {
  const db = await openDatabase(':memory:');
  try {
    const { rows } = await sql<{ name: string }>`
      select t.name || '.' || c.name as name from sqlite_master t, pragma_table_info(t.name) c
      where t.type = 'table' and lower(c.type) = 'blob'`.execute(db);
    expect(sealedColumns.map(({ table, column }) => `${table}.${column}`).toSorted()).toEqual(
      rows.map(({ name }) => name).toSorted(),
    );
  } finally {
    await db.destroy();
  }
});
