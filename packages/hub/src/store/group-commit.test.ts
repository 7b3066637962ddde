import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { Kysely } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { groupCommitDialect } from './group-commit.js';

interface Tables {
  notes: { id: number; text: string };
}

let place: string;
let connection: SQLite.Database;
let other: SQLite.Database;
let db: Kysely<Tables>;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'sixhub-group-commit-'));
  const file = join(place, 'notes.db');
  connection = new SQLite(file);
  connection.pragma('journal_mode = WAL');
  connection.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)');
  other = new SQLite(file, { readonly: true });
  db = new Kysely<Tables>({ dialect: groupCommitDialect(connection) });
});

afterEach(async () => {
  other.close();
  await db.destroy();
  await rm(place, { recursive: true });
});

const add = (id: number, text = `note ${id}`): Promise<unknown> =>
  db.insertInto('notes').values({ id, text }).execute();

/** As another process sees it: what is committed. */
const committed = (): unknown[] => other.prepare('SELECT id FROM notes ORDER BY id').pluck().all();

/** How often the connection committed; SQLite counts it for whoever else looks. */
const commits = (): unknown => other.pragma('data_version', { simple: true });

test('what is written in one turn is one commit, and is there when it is acknowledged', async () => {
  const before = Number(commits());
  const all = Array.from({ length: 50 }, (_, id) => add(id));
  await Promise.resolve();
  expect(committed()).toEqual([]);
  await all[0];
  expect(committed()).toHaveLength(50);
  await Promise.all(all);
  expect(Number(commits())).toBe(before + 1);
});

test('a statement that fails fails alone', async () => {
  const results = await Promise.allSettled([add(1), add(1, 'again'), add(2)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(committed()).toEqual([1, 2]);
});

test('a transaction that is rolled back takes nothing else with it, and leaves its turn', async () => {
  const broken = db.transaction().execute(async (transaction) => {
    await transaction.insertInto('notes').values({ id: 10, text: 'ten' }).execute();
    throw new Error('thought better of it');
  });
  const results = await Promise.allSettled([add(1), broken, add(2)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(committed()).toEqual([1, 2]);
});

test('nobody’s statement comes in between those of a transaction, however long it takes', async () => {
  const order: string[] = [];
  const slow = db.transaction().execute(async (transaction) => {
    await transaction.insertInto('notes').values({ id: 1, text: 'one' }).execute();
    await new Promise((resolve) => setTimeout(resolve, 20));
    order.push('slow');
    await transaction.insertInto('notes').values({ id: 2, text: 'two' }).execute();
  });
  const quick = add(3).then(() => order.push('quick'));
  expect(committed()).toEqual([]);
  await Promise.all([slow, quick]);
  expect(order).toEqual(['slow', 'quick']);
  expect(committed()).toEqual([1, 2, 3]);
});

test('a commit that fails is told to everybody in it, and the next one goes well', async () => {
  connection.pragma('foreign_keys = ON');
  connection.exec(`CREATE TABLE parents (id INTEGER PRIMARY KEY);
    CREATE TABLE children (parent INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED);
    CREATE TRIGGER orphan AFTER INSERT ON notes WHEN NEW.text = 'orphan'
      BEGIN INSERT INTO children VALUES (7); END`);
  const transaction = db
    .transaction()
    .execute((trx) => trx.insertInto('notes').values({ id: 3, text: 'three' }).execute());
  const results = await Promise.allSettled([add(1), add(2, 'orphan'), transaction]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(committed()).toEqual([]);
  await add(4);
  expect(committed()).toEqual([4]);
});

test('closing commits what was written; who comes later is refused', async () => {
  await add(1);
  const written = db.transaction().execute(async (transaction) => {
    await transaction.insertInto('notes').values({ id: 2, text: 'two' }).execute();
    void db.destroy(); // waits for the transaction's end
  });
  await written;
  expect(committed()).toEqual([1, 2]);
  await expect(add(3)).rejects.toThrow(/destroyed|not open/);
});

test('rows, changes and generated keys come back as Kysely’s own dialect has them', async () => {
  await add(1);
  const { numUpdatedRows } = await db
    .updateTable('notes')
    .set({ text: 'other' })
    .where('id', '=', 1)
    .executeTakeFirstOrThrow();
  expect(numUpdatedRows).toBe(1n);
  const returned = await db
    .insertInto('notes')
    .values({ id: 2, text: 'two' })
    .returning('text')
    .executeTakeFirstOrThrow();
  expect(returned).toEqual({ text: 'two' });
  expect(committed()).toEqual([1, 2]);
  expect(await db.selectFrom('notes').select('id').orderBy('id').execute()).toEqual([
    { id: 1 },
    { id: 2 },
  ]);
});
