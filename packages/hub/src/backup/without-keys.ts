import type SQLite from 'better-sqlite3';
import { openSnapshot } from '../store/snapshot.js';

/**
 * Takes out of a snapshot of hub.db whatever a key is in or opens with: versions with their keys, issuances, accounts
 * at authorities, the private CA, join tokens. Agents keep names and grants and have to enrol again. What was deleted
 * is not left in free pages either.
 */
export function withoutKeys(database: Buffer): Buffer {
  return changed(database, (hub) => {
    const columns = new Set(
      hub
        .prepare<[], string>(
          `select t.name || '.' || c.name from sqlite_master t, pragma_table_info(t.name) c
           where t.type = 'table'`,
        )
        .pluck()
        .all(),
    );
    const tables = new Set([...columns].map((column) => column.split('.', 1)[0] ?? ''));
    // In the order of what refers to what; of an older database, those that it has.
    for (const table of emptied.filter((one) => tables.has(one))) hub.exec(`delete from ${table}`);
    for (const column of derived.filter((one) => columns.has(`certificates.${one}`)))
      hub.exec(`update certificates set ${column} = null`);
    hub.exec("update agents set status = 'invited' where status = 'active'");
    if (columns.has('agents.pushed')) hub.exec('update agents set pushed = 0');
  });
}

/** What keys are in or open, what refers to that, and answers of the API that were kept for who asks again. */
const emptied: readonly string[] = [
  ...['rollout_agents', 'rollouts'],
  ...['steps', 'issuances', 'deployments', 'renewals', 'versions', 'authority_accounts'],
  ...['pending_revocations', 'secrets', 'join_tokens', 'idempotency_keys'],
  'push_targets',
];

/** What a certificate's row tells of a version and an issuance that are not there any more. */
const derived: readonly string[] = ['version', 'not_after', 'late_at', 'issuance'];

/** And of acme-dns.db: the hashes of accounts' passwords, and the key that they were made with. */
export function withoutPasswords(acmeDnsDatabase: Buffer): Buffer {
  return changed(acmeDnsDatabase, (acmeDns) =>
    acmeDns.exec("update account set secret = ''; delete from zone_state where name = 'key'"),
  );
}

function changed(snapshot: Buffer, change: (database: SQLite.Database) => void): Buffer {
  const database = openSnapshot(snapshot);
  try {
    change(database);
    database.exec('vacuum');
    return database.serialize();
  } finally {
    database.close();
  }
}
