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
const valueRows = z.array(
  z.object({ Subdomain: text, Value: text.nullable(), LastUpdate: z.number().nullable() }),
);

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
    if (!database.names().includes('records') || !database.names().includes('txt'))
      throw notGo(file);
    const accounts = accountRows.parse(
      database.rows('select Username, Password, Subdomain, AllowFrom from records'),
    );
    const values = valueRows.parse(
      database.rows('select Subdomain, Value, LastUpdate from txt order by LastUpdate, rowid'),
    );
    return accounts.map((row) => ({
      account: toAccount(row),
      values: values.flatMap(({ Subdomain, Value, LastUpdate }) =>
        Subdomain !== row.Subdomain || Value === null || Value === ''
          ? []
          : [{ text: Value, at: (LastUpdate ?? 0) * 1_000 }],
      ),
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
  const allowFrom = z
    .array(z.string())
    .catch([])
    .parse(JSON.parse(row.AllowFrom ?? '[]'));
  return {
    subdomain,
    username: row.Username,
    secret: row.Password,
    allowFrom,
    note: '',
    createdAt: 0,
  };
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
