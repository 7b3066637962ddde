import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Page, StoredAccount } from '../ports.js';
import { KyselyStore } from './kysely-store.js';
import { openSqlite } from './sqlite.js';

let directory = '';
beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'acme-dns-'))));
afterEach(() => rm(directory, { recursive: true }));

const account: StoredAccount = {
  subdomain: 'sub',
  username: 'user',
  secret: 'hash',
  allowFrom: ['192.0.2.0/24'],
  note: 'a note',
  createdAt: 5,
};

async function all(store: KyselyStore): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for await (const page of store.pages()) pages.push(page);
  return pages;
}

test('what is committed is there for the next process, in whole', async () => {
  const file = join(directory, 'new', 'a.db');
  const value = { subdomain: 'sub', sequence: 9, text: 'v', challenge: 'c', at: 7 };
  const rolling = { subdomain: 'sub', sequence: 10, text: 'w', at: 8 };
  {
    await using store = await KyselyStore.open(openSqlite(file));
    await store.commit(
      [
        { kind: 'account-added', account },
        { kind: 'value-added', value },
        { kind: 'value-added', value: rolling },
      ],
      42,
    );
    await expect(
      store.commit(
        [
          { kind: 'value-removed', sequence: 9 },
          { kind: 'account-added', account },
        ],
        43,
      ),
    ).rejects.toThrow();
  }
  await using again = await KyselyStore.open(openSqlite(file));
  expect(await all(again)).toEqual([{ accounts: [account], values: [value, rolling] }]);
  expect(await again.origin()).toMatchObject({ serial: 42, sequence: 10 });
  await again.commit([{ kind: 'account-removed', subdomain: 'sub' }], 44);
  expect(await all(again)).toEqual([]);
});

test('a file that is no database, and one that went away under way', async () => {
  expect(() => openSqlite(directory)).toThrow(
    expect.objectContaining({ code: 'database-unavailable', exit: 2 }),
  );
  const file = join(directory, 'a.db');
  await using store = await KyselyStore.open(openSqlite(file));
  await rename(file, `${file}.moved`);
  await expect(store.commit([], 1)).rejects.toMatchObject({ code: 'database-gone' });
});

test('another process that writes is noticed', async () => {
  const file = join(directory, 'a.db');
  await using one = await KyselyStore.open(openSqlite(file));
  await using other = await KyselyStore.open(openSqlite(file));
  const before = await one.foreignChanges();
  expect(await one.foreignChanges()).toBe(before);
  await other.commit([{ kind: 'account-added', account }], 2);
  expect(await one.foreignChanges()).not.toBe(before);
});
