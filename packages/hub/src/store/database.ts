import { errorText, exitCodes, SixhubError, systemCode } from '@sixhub/base';
import SQLite from 'better-sqlite3';
import {
  Kysely,
  Migrator,
  SqliteAdapter,
  SqliteDialect,
  type Migration,
  type MigrationResult,
} from 'kysely';
import { groupCommitDialect } from './group-commit.js';
import { migrations } from './migrations.js';
import type { Tables } from './schema.js';

export type Database = Kysely<Tables>;

/** The database, and a word that changes with each change of its content, by whichever process. */
interface Opened {
  readonly db: Database;
  readonly revision: () => string;
}

/** Opens the database file and brings its tables up to date, all the way or not at all. */
export async function openDatabase(
  path: string,
  known: Readonly<Record<string, Migration>> = migrations,
): Promise<Database> {
  return (await openWatched(path, known)).db;
}

export async function openWatched(
  path: string,
  known: Readonly<Record<string, Migration>> = migrations,
): Promise<Opened> {
  const connection = connect(path);
  const db = new Kysely<Tables>({ dialect: groupCommitDialect(connection) });
  try {
    await migrate(
      path,
      new Kysely<unknown>({ dialect: new WholeChanges({ database: connection }) }),
      known,
    );
    return { db, revision: revisionOf(connection) };
  } catch (error) {
    await db.destroy();
    throw error instanceof SixhubError ? error : databaseFault(path, error);
  }
}

/** Rows that this connection has changed, and how often another one has committed. */
function revisionOf(connection: SQLite.Database): () => string {
  const ours = connection.prepare('SELECT total_changes()').pluck();
  const others = connection.prepare('PRAGMA data_version').pluck();
  return () => `${String(ours.get())} ${String(others.get())}`;
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

/**
 * Kysely takes SQLite for a database whose tables can't be changed in a transaction, and would leave half of a migration
 * that failed or was killed. They can (https://www.sqlite.org/lang_transaction.html): all of them are one transaction.
 */
class WholeChanges extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

async function migrate(
  path: string,
  database: Kysely<unknown>,
  known: Readonly<Record<string, Migration>>,
): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: () => Promise.resolve({ ...known }) },
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error === undefined) return;
  if (errorText(error).startsWith('corrupted migrations')) {
    throw new SixhubError({
      code: 'database-newer',
      fact: `the database ${path} was written by a newer Sixhub`,
      hint: 'Install that version again, or restore a backup that this version made.',
      exit: exitCodes.usage,
    });
  }
  throw failedAt(results) === undefined
    ? databaseFault(path, error)
    : notMigrated(path, error, failedAt(results));
}

function failedAt(results: readonly MigrationResult[] | undefined): string | undefined {
  return results?.find(({ status }) => status === 'Error')?.migrationName;
}

function notMigrated(path: string, error: unknown, migration: string | undefined): SixhubError {
  return new SixhubError({
    code: 'database-not-migrated',
    fact: `the database ${path} could not be brought up to date (${migration}): ${errorText(error)}`,
    hint: `It is as it was before. ${
      hints[systemCode(error) ?? ''] ??
      'The version that ran before still runs on it: install that again, and report this line.'
    }`,
    exit: exitCodes.usage,
    cause: error,
  });
}

function databaseFault(path: string, error: unknown): SixhubError {
  return new SixhubError({
    code: 'database',
    fact: `the database ${path} can't be opened: ${errorText(error)}`,
    hint:
      hints[systemCode(error) ?? ''] ??
      'Check that its directory exists, belongs to this user, has space, and is not read-only, as a disk is after an error (dmesg).',
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
