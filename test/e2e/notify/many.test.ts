import SQLite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { cheapest } from '../../lab/cheapest.js';
import { day, openSimulator } from '../renewal/simulator.js';

const count = 100_000;

test('100,000 certificates: looking what to tell is nearly nothing, and bounded in a disaster', async () => {
  await using hub = await openSimulator({ authorities: [{ name: 'first' }], certificates: [] });
  fill(hub.database);
  const reading = await cheapest(() => Promise.resolve(readAll(hub.database)));
  expect(await cheapest(() => hub.tell())).toBeLessThan(reading / 5);
  expect(hub.told).toEqual([]);

  // Nothing was renewed for 70 of 90 days.
  hub.time.setTo(hub.time.now().getTime() + 70 * day);
  const late = await cheapest(async () => {
    await hub.tell();
    hub.time.setTo(hub.time.now().getTime() + day / 48);
  });
  expect(late).toBeLessThan(reading * 2);
  expect(hub.told.map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^1000 or more certificates can't be issued or renewed, the first ends/),
  ]);
}, 120_000);

/** What a look would cost that went through all. */
function readAll(file: string): readonly unknown[] {
  using database = opened(file);
  return database.connection.prepare('select * from certificates').all();
}

function fill(file: string): void {
  using database = opened(file);
  const numbers = `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count})`;
  const name = `'c' || i || '.example'`;
  database.connection.exec(`begin;
    insert into certificates (name, names, key_kind, created_at)
      ${numbers} select ${name}, '["c' || i || '.example"]', 'p256', '2027-01-01T00:00:00.000Z' from n;
    insert into versions (id, certificate, fingerprint, serial, issuer, authority, not_before, not_after, issued_at,
        leaf, chain, sealed_key, public_key)
      ${numbers} select 'v' || i, ${name}, '', '', '', 'first', '2027-01-01T00:00:00.000Z',
        '2027-04-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z', '', '', x'00', '' from n;
    insert into issuances (id, certificate, names, key_kind, reuse_key, authority, stage, failures, retry_ordered,
        created_at)
      ${numbers} select 'i' || i, ${name}, '[]', 'p256', 0, 'first', 'done', 0, 0, '2027-01-01T00:00:00.000Z' from n;
    insert into renewals (certificate, look_at, planned_at)
      ${numbers} select ${name}, '2027-03-01T00:00:00.000Z', '2026-12-31T00:00:00.000Z' from n;
    commit;`);
}

function opened(file: string): { readonly connection: SQLite.Database } & Disposable {
  const connection = new SQLite(file);
  return { connection, [Symbol.dispose]: () => void connection.close() };
}
