import type { Log } from '../ports.js';
import { AccountFile } from '../store/account-file.js';
import { isGoDatabase, readGoDatabase } from '../store/go-database.js';

/**
 * An installation of the Go program moves over by starting this one with its configuration: where the database file
 * is the Go program's, our tables join its own and take its accounts, once. Its tables stay, so that it can go back.
 */
export async function takeOver(file: string, log: Log): Promise<void> {
  if (!isGoDatabase(file)) return;
  await using ours = await AccountFile.open(file);
  // Every change of ours raises the serial: an account that was removed since does not come back.
  if ((await ours.store.origin()).serial > 0) return;
  const { accounts, values } = await ours.import(readGoDatabase(file));
  log.info({ file, accounts, values }, "accounts taken over from the Go program's tables");
}
