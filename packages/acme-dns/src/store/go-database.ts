import { errorText, exitCodes, SixhubError } from '@sixhub/base';
import SqliteDatabase from 'better-sqlite3';
import { z } from 'zod';
import { isSubdomain } from '../domain/account.js';
import type { StoredAccount } from '../ports.js';

/** An account of the Go program with the values it has now, the oldest first. */
export interface GoAccount {
  readonly account: StoredAccount;
  readonly values: readonly { readonly text: string; readonly at: number }[];
}

const text = z.union([
  z.string(),
  z.instanceof(Uint8Array).transform((bytes) => Buffer.from(bytes).toString('utf8')),
]);
const accountRows = z.array(
  z.object({ Username: text, Password: text, Subdomain: text, AllowFrom: text.nullable() }),
);
const versionRows = z.array(z.object({ Value: text }));
const valueRows = z.array(
  z.object({ Subdomain: text, Value: text.nullable(), LastUpdate: z.number().nullable() }),
);

const knownVersion = '1';

export function isGoDatabase(file: string): boolean {
  try {
    using database = opened(file);
    return database.names().includes('records');
  } catch {
    return false; // whoever opens it next says why it can't be
  }
}

/** Reads a database of acme-dns v1 or v2, without writing to it. */
export function readGoDatabase(file: string): readonly GoAccount[] {
  try {
    using database = opened(file);
    const names = database.names();
    if (!names.includes('records')) throw notGo(file);
    const versions = names.includes('acmedns')
      ? versionRows.parse(database.rows("select Value from acmedns where Name = 'db_version'"))
      : [];
    const version = versions[0]?.Value ?? '0'; // as the Go program itself takes it
    if (version !== knownVersion) throw otherVersion(file, version);
    const accounts = accountRows.parse(
      database.rows('select Username, Password, Subdomain, AllowFrom from records'),
    );
    const values = valueRows.parse(
      database.rows('select Subdomain, Value, LastUpdate from txt order by LastUpdate, rowid'),
    );
    const valuesOf = new Map<string, { text: string; at: number }[]>();
    for (const row of accounts) valuesOf.set(row.Subdomain.toLowerCase(), []);
    for (const { Subdomain, Value, LastUpdate } of values) {
      // Each account has two rows from its birth on, empty until they are used.
      if (Value !== null && Value !== '')
        valuesOf.get(Subdomain.toLowerCase())?.push({ text: Value, at: (LastUpdate ?? 0) * 1_000 });
    }
    return accounts.map((row) => ({
      account: toAccount(row),
      values: valuesOf.get(row.Subdomain.toLowerCase()) ?? [],
    }));
  } catch (error) {
    if (error instanceof SixhubError) throw error;
    throw new SixhubError({
      code: 'import-unreadable',
      fact: `${file} can't be read: ${errorText(error)}`,
      hint: 'Name the SQLite file of the Go program (database.connection in its config.cfg).',
      exit: exitCodes.usage,
      cause: error,
    });
  }
}

function toAccount(row: z.infer<typeof accountRows>[number]): StoredAccount {
  const subdomain = row.Subdomain.toLowerCase();
  if (!isSubdomain(subdomain)) throw new Error(`'${row.Subdomain}' is no subdomain`);
  const networks = z
    .array(z.string())
    .nullable() // what Go makes of a list that was never filled
    .safeParse(parseJson(row.AllowFrom || 'null'));
  // Taken for empty it would let everybody in.
  if (!networks.success) throw new Error(`AllowFrom of ${subdomain} is no list of networks`);
  const allowFrom = networks.data ?? [];
  return {
    subdomain,
    username: row.Username,
    secret: row.Password,
    allowFrom,
    note: '',
    createdAt: 0,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // which is no list
  }
}

function opened(file: string): Disposable & {
  names(): readonly string[];
  rows(query: string): unknown;
} {
  const database = new SqliteDatabase(file, { readonly: true, fileMustExist: true });
  const rows = (query: string): unknown => database.prepare(query).all();
  const names = z.array(z.object({ name: z.string() }));
  return {
    names: () =>
      names
        .parse(rows("select name from sqlite_master where type = 'table'"))
        .map(({ name }) => name),
    rows,
    [Symbol.dispose]: () => database.close(),
  };
}

function notGo(file: string): SixhubError {
  return new SixhubError({
    code: 'import-not-acme-dns',
    fact: `${file} is an SQLite database, but has no tables of the Go program acme-dns`,
    hint: 'Name the file that its config.cfg has as database.connection.',
    exit: exitCodes.usage,
  });
}

function otherVersion(file: string, version: string): SixhubError {
  return new SixhubError({
    code: 'import-version',
    fact: `${file} has version ${version} of the Go program's tables; ${knownVersion} is known here`,
    hint:
      version === '0'
        ? 'Start acme-dns 1.1 with that file once: it brings the tables up to date. Then import it.'
        : 'A newer acme-dns has written it than this program knows. Please report its version.',
    exit: exitCodes.usage,
  });
}
