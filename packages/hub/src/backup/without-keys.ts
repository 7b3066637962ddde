import { openSnapshot } from '../store/snapshot.js';

/**
 * Takes out of a snapshot of hub.db whatever a key is in or opens with: versions with their keys, issuances, accounts
 * at authorities, the private CA, join tokens. Agents keep names and grants and have to enrol again. What was deleted
 * is not left in free pages either.
 */
export function withoutKeys(database: Buffer): Buffer {
  return changed(
    database,
    `delete from steps; delete from issuances; delete from deployments; delete from renewals;
     delete from versions; delete from authority_accounts; delete from secrets;
     delete from join_tokens;
     update agents set status = 'invited' where status = 'active'`,
  );
}

/** And of acme-dns.db: the hashes of accounts' passwords, and the key that they were made with. */
export function withoutPasswords(acmeDnsDatabase: Buffer): Buffer {
  return changed(
    acmeDnsDatabase,
    "update account set secret = ''; delete from zone_state where name = 'key'",
  );
}

function changed(snapshot: Buffer, statements: string): Buffer {
  const database = openSnapshot(snapshot);
  try {
    database.exec(statements);
    database.exec('vacuum');
    return database.serialize();
  } finally {
    database.close();
  }
}
