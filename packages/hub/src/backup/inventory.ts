import { errorText, exitCodes, SixhubError } from '@sixhub/base';
import type SQLite from 'better-sqlite3';
import type { Vault } from '../ports.js';
import { knownMigrations } from '../store/migrations.js';
import { sealedColumns } from '../store/sealed.js';
import { openSnapshot } from '../store/snapshot.js';
import type { Contents } from './contents.js';

/** What is in the databases of a backup, for a person to compare with what they expect. */
export interface Inventory {
  readonly certificates: readonly string[];
  readonly delegations: number;
  readonly agents: readonly string[];
  /** Directories of authorities with an account of ours. */
  readonly accounts: readonly string[];
  readonly unfinished: number;
  /** Domains whose CNAME leads to an acme-dns account that is not there. */
  readonly orphans: readonly string[];
}

/**
 * Reads both databases of a backup as a start would, and more: whole pages, known migrations, every secret opens by
 * the key that comes with it. Throws at what would not run.
 */
export function takeInventory(
  { database, acmeDnsDatabase, manifest }: Omit<Contents, 'named' | 'config'>,
  vault: Vault | undefined,
): Inventory {
  return withSnapshot('hub.db', database, (hub) => {
    refuseNewer(hub, manifest.version);
    if (vault !== undefined) openEverySecret(hub, vault);
    const accounts =
      acmeDnsDatabase === undefined
        ? new Set<string>()
        : withSnapshot(
            'acme-dns.db',
            acmeDnsDatabase,
            (acmeDns) => new Set(texts(acmeDns, 'select subdomain from account')),
          );
    const delegations = hub
      .prepare<[], { domain: string; subdomain: string }>(
        'select domain, subdomain from delegations',
      )
      .all();
    return {
      certificates: texts(hub, 'select name from certificates order by name'),
      delegations: delegations.length,
      agents: texts(hub, "select name from agents where status = 'active' order by name"),
      accounts: texts(hub, 'select directory from authority_accounts where url is not null'),
      unfinished: texts(hub, "select id from issuances where stage in ('delegation', 'order')")
        .length,
      orphans: delegations
        .filter(({ subdomain }) => !accounts.has(subdomain))
        .map(({ domain }) => domain),
    };
  });
}

function withSnapshot<T>(name: string, content: Buffer, read: (database: SQLite.Database) => T): T {
  const database = openSnapshot(content);
  try {
    const fault = check(database);
    if (fault !== undefined) throw damaged(name, fault);
    return read(database);
  } finally {
    database.close();
  }
}

function check(database: SQLite.Database): string | undefined {
  try {
    const result = database.pragma('integrity_check(1)', { simple: true });
    return result === 'ok' ? undefined : String(result);
  } catch (error) {
    return errorText(error);
  }
}

function texts(database: SQLite.Database, query: string): readonly string[] {
  return database.prepare<[], string>(query).pluck().all();
}

function refuseNewer(hub: SQLite.Database, version: string): void {
  const unknown = texts(hub, 'select name from kysely_migration').find(
    (name) => !knownMigrations.includes(name),
  );
  if (unknown === undefined) return;
  throw new SixhubError({
    code: 'database-newer',
    fact: `the backup's database is newer than this program: ${unknown}, by Sixhub ${version}`,
    hint: 'Install that version, or a newer one, and restore with it.',
    exit: exitCodes.usage,
  });
}

function openEverySecret(hub: SQLite.Database, vault: Vault): void {
  const tables = texts(hub, "select name from sqlite_master where type = 'table'");
  for (const { table, key, column, row } of sealedColumns) {
    if (!tables.includes(table)) continue; // the backup of an older version
    const columns = texts(hub, `select name from pragma_table_info('${table}')`);
    if (!columns.includes(column)) continue;
    const rows = hub
      .prepare<[], { key: string; sealed: Buffer }>(
        `select ${key} as key, ${column} as sealed from ${table} where ${column} is not null`,
      )
      .iterate();
    for (const { key: name, sealed } of rows) vault.unseal(row(name), sealed);
  }
}

function damaged(name: string, fault: string): SixhubError {
  return new SixhubError({
    code: 'backup-damaged',
    fact: `the database ${name} in the backup is damaged: ${fault}`,
    hint: 'It was damaged when the backup was made. Take an older backup; `age -d FILE | tar x` takes this one apart.',
  });
}
