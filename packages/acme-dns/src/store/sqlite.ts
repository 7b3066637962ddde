import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorText, exitCodes, SixhubError, systemCode } from '@sixhub/base';
import SqliteDatabase from 'better-sqlite3';
import { Kysely, SqliteDialect, sql } from 'kysely';
import type { Engine } from './kysely-store.js';
import type { Schema } from './schema.js';

/** Another process may hold the write lock this long before a change is refused. */
const lockPatienceMs = 2_000;

/** Opens, and creates where there is none, the SQLite file; every failure names it and says what to do. */
export function openSqlite(file: string): Engine {
  const connection = connect(file);
  const database = new Kysely<Schema>({ dialect: new SqliteDialect({ database: connection }) });
  const opened = file === ':memory:' ? undefined : statSync(file).ino;
  return {
    database,
    checkPresence: () => {
      if (opened === undefined) return;
      // SQLite goes on writing into a file that was deleted or replaced, and every "durable" would be a lie.
      const now = statSync(file, { throwIfNoEntry: false });
      if (now?.ino !== opened) throw gone(file);
    },
    foreignChanges: async () => {
      const { rows } = await sql<{ data_version: number }>`pragma data_version`.execute(database);
      return rows[0]?.data_version ?? 0;
    },
    [Symbol.asyncDispose]: () => database.destroy(),
  };
}

function connect(file: string): SqliteDatabase.Database {
  try {
    if (file !== ':memory:') mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
    const connection = new SqliteDatabase(file, { timeout: lockPatienceMs });
    connection.pragma('journal_mode = WAL');
    // Each commit reaches the disk before it is acknowledged; NORMAL would lose the last ones with the power.
    connection.pragma('synchronous = FULL');
    connection.pragma('foreign_keys = ON');
    // In KiB: everything is read once, at the start, and after that the tails of the tables are written.
    connection.pragma('cache_size = -2000');
    return connection;
  } catch (error) {
    throw new SixhubError({
      code: 'database-unavailable',
      fact: `the database ${file} can't be opened: ${errorText(error)}`,
      hint: nextStep(file, systemCode(error)),
      exit: exitCodes.usage,
      cause: error,
    });
  }
}

function nextStep(file: string, code: string | undefined): string {
  switch (code) {
    case 'SQLITE_NOTADB':
      return 'The file is something else than an SQLite database, or encrypted. Name another file.';
    case 'SQLITE_CORRUPT':
      return `Restore a backup, or save what can be read: sqlite3 ${file} .recover`;
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return `Another program holds it locked; 'fuser ${file}' says which.`;
    case 'SQLITE_FULL':
      return 'The disk is full. Make room, then start again.';
    default:
      return `The directory ${dirname(file)} must exist and be writable for the user that runs this.`;
  }
}

function gone(file: string): SixhubError {
  return new SixhubError({
    code: 'database-gone',
    fact: `the database file ${file} was deleted or replaced while it was in use`,
    hint: 'Nothing is written until a restart. DNS is answered from memory until then.',
  });
}
