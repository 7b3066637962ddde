import { errorText, exitCodes, SixhubError, systemCode } from '@sixhub/base';
import SQLite from 'better-sqlite3';
import { Kysely, Migrator, SqliteDialect } from 'kysely';
import { groupCommitDialect } from './group-commit.js';
import { migrations } from './migrations.js';
import type { Tables } from './schema.js';

export type Database = Kysely<Tables>;

/** Opens the database file and brings its tables up to date. */
export async function openDatabase(path: string): Promise<Database> {
  const connection = connect(path);
  const database = new Kysely<Tables>({ dialect: groupCommitDialect(connection) });
  try {
    await migrate(
      path,
      new Kysely<Tables>({ dialect: new SqliteDialect({ database: connection }) }),
    );
    return database;
  } catch (error) {
    await database.destroy();
    throw error instanceof SixhubError ? error : databaseFault(path, error);
  }
}

function connect(path: string): SQLite.Database {
  try {
    const connection = new SQLite(path, { timeout: 5_000 });
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = FULL'); // what was acknowledged survives a loss of power
    connection.pragma('foreign_keys = ON');
    return connection;
  } catch (error) {
    throw databaseFault(path, error);
  }
}

async function migrate(path: string, database: Database): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (errorText(error).startsWith('corrupted migrations')) {
    throw new SixhubError({
      code: 'database-newer',
      fact: `the database ${path} was written by a newer Sixhub`,
      hint: 'Install that version again, or restore a backup that this version made.',
      exit: exitCodes.usage,
    });
  }
  throw databaseFault(path, error);
}

function databaseFault(path: string, error: unknown): SixhubError {
  return new SixhubError({
    code: 'database',
    fact: `the database ${path} can't be opened: ${errorText(error)}`,
    hint:
      hints[systemCode(error) ?? ''] ??
      'Check that its directory exists, belongs to this user, and has space.',
    exit: exitCodes.usage,
    cause: error,
  });
}

const hints: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'Another process holds it. Is a second hub running? See: fuser -v on that file.',
  SQLITE_NOTADB: 'The file is no SQLite database. Restore a backup, or check `state` in hub.toml.',
  SQLITE_CORRUPT: 'The file is damaged. Restore a backup.',
  SQLITE_READONLY: 'It, or its directory, is read-only for this user.',
  SQLITE_FULL: 'The disk is full.',
};
