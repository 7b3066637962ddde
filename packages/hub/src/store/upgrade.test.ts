import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { sql, type Kysely } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVault } from '../vault/vault.js';
import { openPrivateCa } from '../ca/private-ca.js';
import { openDatabase } from './database.js';
import { knownMigrations, migrations } from './migrations.js';
import { openStore } from './store.js';

const clock = { now: () => new Date('2026-11-25T00:00:00Z'), sleep: () => Promise.resolve() };
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

let place = '';
let leaf = '';
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'sixhub-upgrade-'));
  await using scratch = await openStore(':memory:', createVault(randomBytes(32)), clock, quiet);
  leaf = (await openPrivateCa(scratch.secrets, clock)).certificate;
});
afterAll(() => rm(place, { recursive: true }));

function upTo(count: number): typeof migrations {
  return Object.fromEntries(Object.entries(migrations).slice(0, count));
}

type Row = Readonly<Record<string, unknown>>;

/** A row in every table that the schema has, each column that must have something filled by its kind. */
function fill(path: string): Readonly<Record<string, number>> {
  const database = new SQLite(path);
  try {
    database.pragma('foreign_keys = OFF'); // in whatever order; what is filled in fits all the same
    for (const table of tablesOf(database)) {
      const columns = database
        .prepare<[string], { name: string; type: string; notnull: number; pk: number }>(
          'select name, type, "notnull", pk from pragma_table_info(?)',
        )
        .all(table)
        .filter(({ notnull, pk }) => notnull === 1 || pk > 0);
      const row: Row = Object.fromEntries(
        columns.map(({ name, type }) => [name, content(table, name, type.toLowerCase())]),
      );
      const names = Object.keys(row);
      database
        .prepare(
          `insert or ignore into ${table} (${names.join(', ')}) values (${names.map((name) => `@${name}`).join(', ')})`,
        )
        .run(row);
    }
    expect(database.pragma('foreign_key_check')).toEqual([]);
    const counts = countRows(database);
    // A trigger may have been faster; but there is one.
    for (const [table, count] of Object.entries(counts)) expect(count, table).toBeGreaterThan(0);
    return counts;
  } finally {
    database.close();
  }
}

/** The same name in every column that refers to one, so that foreign keys hold. */
function content(table: string, column: string, type: string): unknown {
  if (column === 'leaf') return leaf;
  if (type === 'integer') return 1;
  if (type === 'blob') return Buffer.from('sealed');
  if (column === 'names') return '["a.example"]';
  if (column === 'stage') return 'done';
  if (column === 'status') return 'active';
  if (/(_at|^at|since|until|not_before|not_after)$/.test(column)) return '2026-11-01T00:00:00.000Z';
  if (column === 'step') return '{"kind":"validated"}';
  if (column === 'services') return '[]';
  if (column === 'key_kind') return 'p256';
  return table === 'api_tokens' ? `${column} of a token` : 'a.example';
}

function tablesOf(database: SQLite.Database): readonly string[] {
  return database
    .prepare<[], string>(
      "select name from sqlite_master where type = 'table' and name not like 'sqlite%' and name not like 'kysely%'",
    )
    .pluck()
    .all();
}

function countRows(database: SQLite.Database): Readonly<Record<string, number>> {
  return Object.fromEntries(
    tablesOf(database).map((table) => [
      table,
      database.prepare<[], number>(`select count(*) from ${table}`).pluck().get() ?? 0,
    ]),
  );
}

async function make(name: string, known: typeof migrations): Promise<string> {
  const path = join(place, `${name}.db`);
  await (await openDatabase(path, known)).destroy();
  return path;
}

test.each(knownMigrations.map((name, index) => ({ name, index })))(
  'a database as $name left it, with a row in every table, goes forward to the newest',
  async ({ name, index }) => {
    const path = await make(name, upTo(index + 1));
    const before = fill(path);
    await (await openDatabase(path)).destroy();
    const database = new SQLite(path, { readonly: true });
    const after = countRows(database);
    const fresh = new SQLite(await make(`fresh-${name}`, migrations), { readonly: true });
    const schemaOf = (of: SQLite.Database): unknown =>
      tablesOf(of).map((table) => [
        table,
        of.prepare('select name, type, "notnull" from pragma_table_info(?)').all(table),
      ]);
    expect(schemaOf(database)).toEqual(schemaOf(fresh));
    expect(database.pragma('foreign_key_check')).toEqual([]);
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    // What counted orders is counted otherwise since 006, and begins anew.
    const kept = Object.entries(before).filter(([table]) => table in after);
    for (const [table, count] of kept) expect(after[table], table).toBeGreaterThanOrEqual(count);
    database.close();
    fresh.close();
  },
);

test('a migration that fails leaves the database as it was, and says which and what to do', async () => {
  const path = await make('fails', upTo(3));
  fill(path);
  const content = async (): Promise<string> => {
    const database = new SQLite(path, { readonly: true });
    try {
      return JSON.stringify([
        database.prepare('select * from sqlite_master order by name').all(),
        countRows(database),
        database.prepare('select name from kysely_migration').all(),
      ]);
    } finally {
      database.close();
    }
  };
  const before = await content();
  const failing = {
    ...migrations,
    '999-fails': {
      async up(db: Kysely<unknown>): Promise<void> {
        await sql`create table half (a text)`.execute(db);
        await sql`delete from steps`.execute(db);
        await sql`insert into nowhere values (1)`.execute(db);
      },
    },
  };
  await expect(openDatabase(path, failing)).rejects.toMatchObject({
    code: 'database-not-migrated',
    fact: expect.stringContaining('(999-fails): no such table: nowhere'),
    hint: expect.stringContaining('as it was before'),
  });
  expect(await content()).toBe(before);
  await (await openDatabase(path)).destroy();
});

test('a newer database is refused, and not touched', async () => {
  const newer = {
    ...migrations,
    '999-later': {
      up: (db: Kysely<unknown>) =>
        sql`create table later (a text)`.execute(db).then(() => undefined),
    },
  };
  const path = await make('newer', newer);
  const before = told(path);
  await expect(openDatabase(path)).rejects.toMatchObject({
    code: 'database-newer',
    fact: expect.stringContaining('newer Sixhub'),
  });
  expect(told(path)).toEqual(before);
});

/** Tables and the migrations that made them. */
function told(path: string): readonly unknown[] {
  const connection = new SQLite(path, { readonly: true });
  try {
    const tables = connection.prepare('SELECT name, sql FROM sqlite_master ORDER BY name').all();
    return [...tables, ...connection.prepare('SELECT name FROM kysely_migration').all()];
  } finally {
    connection.close();
  }
}
