import SQLite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { cheapest } from '../../lab/cheapest.js';
import { openSimulator } from './simulator.js';

test('100,000 certificates, nothing due: a tick costs one look at an index', async () => {
  await using hub = await openSimulator({ authorities: [{ name: 'first' }], certificates: [] });
  fill(hub.database, 100_000);
  const reading = await cheapest(() => Promise.resolve(readAll(hub.database)));
  expect(await cheapest(() => hub.tick())).toBeLessThan(reading / 10);
});

/** What a tick would cost that went through all. */
function readAll(file: string): readonly unknown[] {
  using database = opened(file);
  return database.connection.prepare('select * from renewals').all();
}

function fill(file: string, count: number): void {
  using database = opened(file);
  const numbers = `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})`;
  database.connection.exec(`begin;
    insert into certificates (name, names, key_kind, created_at)
      ${numbers} select 'c' || i || '.example', '["c' || i || '.example"]', 'p256', '2027-01-01' from n;
    insert into renewals (certificate, look_at, planned_at)
      ${numbers} select 'c' || i || '.example', '2027-02-' || (10 + i % 18), '2026-12-31' from n;
    commit;`);
}

function opened(file: string): { readonly connection: SQLite.Database } & Disposable {
  const connection = new SQLite(file);
  return { connection, [Symbol.dispose]: () => void connection.close() };
}
