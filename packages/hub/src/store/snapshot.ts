import { errorText, exitCodes, SixhubError } from '@sixhub/base';
import SQLite from 'better-sqlite3';

/**
 * A database file as it is at one moment, in memory, while others read and write it: one read transaction sees every
 * page of the last commit, those still in the write-ahead log too. Nothing of it is written anywhere.
 */
export function snapshot(path: string): Buffer {
  try {
    const database = new SQLite(path, { readonly: true, fileMustExist: true, timeout: 5_000 });
    try {
      return database.serialize();
    } finally {
      database.close();
    }
  } catch (error) {
    throw new SixhubError({
      code: 'database',
      fact: `the database ${path} can't be read: ${errorText(error)}`,
      hint: 'Run this as root or as the user that the hub runs as; `state` in hub.toml says where it should be.',
      exit: exitCodes.usage,
      cause: error,
    });
  }
}

/**
 * Opens a snapshot in memory. Bytes 18 and 19 of the header say that the file belongs to a write-ahead log
 * (https://www.sqlite.org/fileformat.html §1.3.3), which memory has none of; a copy is changed, not the snapshot.
 */
export function openSnapshot(content: Uint8Array): SQLite.Database {
  const copy = Buffer.from(content);
  const [rollbackJournal, at] = [1, 18];
  if (copy.length > at + 1) copy.fill(rollbackJournal, at, at + 2);
  return new SQLite(copy);
}
