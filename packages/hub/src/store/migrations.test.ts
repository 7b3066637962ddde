import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateName } from '@sixhub/protocol';
import SQLite from 'better-sqlite3';
import { Kysely, Migrator, sql, SqliteDialect } from 'kysely';
import { expect, test } from 'vitest';
import { openPrivateCa } from '../ca/private-ca.js';
import { createVault } from '../vault/vault.js';
import { migrations } from './migrations.js';
import { publicKeyOfCertificate } from './public-key.js';
import { openStore } from './store.js';

const clock = { now: () => new Date('2026-11-25T00:00:00Z'), sleep: () => Promise.resolve() };
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const vault = createVault(randomBytes(32));

/** A database as the version before the limits' buckets and the public keys left it, with a row of each. */
async function writeOldDatabase(path: string, leaf: string): Promise<void> {
  const db = new Kysely<unknown>({
    dialect: new SqliteDialect({ database: new SQLite(path) }),
  });
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
  });
  const { error } = await migrator.migrateTo('004-keys');
  expect(error).toBeUndefined();
  await sql`insert into certificates (name, names, key_kind, created_at)
    values ('a.example', '["a.example"]', 'p256', '2026-11-01T00:00:00.000Z')`.execute(db);
  await sql`insert into versions (id, certificate, fingerprint, serial, issuer, authority, not_before, not_after,
      issued_at, leaf, chain, sealed_key)
    values ('one', 'a.example', '', '', '', 'first', '2026-11-01T00:00:00.000Z', '2027-02-01T00:00:00.000Z',
      '2026-11-01T00:00:00.000Z', ${leaf}, '', x'00')`.execute(db);
  await sql`insert into renewals (certificate, look_at, planned_at)
    values ('a.example', '2027-01-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z')`.execute(db);
  await sql`insert into agents (id, name, status, created_at)
    values ('one', 'mail', 'active', '2026-11-01T00:00:00.000Z')`.execute(db);
  await sql`insert into grants (agent_id, certificate) values ('one', 'a.example'), ('one', 'b.example')`.execute(
    db,
  );
  for (const [certificate, state] of [
    ['a.example', 'not-serving'],
    ['b.example', 'serving'],
  ]) {
    const at = '2026-11-02T00:00:00.000Z';
    const services = JSON.stringify([{ service: 'apache', state, detail: '', at, since: at }]);
    await sql`insert into deployments (agent_id, certificate, version, installed, detail, services, reported_at)
      values ('one', ${certificate}, 'one', 1, '', ${services}, ${at})`.execute(db);
  }
  await sql`insert into orders (directory, at, names)
    values ('https://ca.example/', '2026-11-24T00:00:00.000Z', 'a.example')`.execute(db);
  await db.destroy();
}

test('a database of before is brought up to date: its versions are found by their key, and its troubles', async () => {
  const place = await mkdtemp(join(tmpdir(), 'sixhub-migrations-'));
  try {
    const path = join(place, 'hub.db');
    await using scratch = await openStore(':memory:', vault, clock, quiet);
    const { certificate: leaf } = await openPrivateCa(scratch.secrets, clock);
    await writeOldDatabase(path, leaf);
    await using store = await openStore(path, vault, clock, quiet);
    const found = await store.certificates.withKey(publicKeyOfCertificate(leaf));
    expect(found.map(({ id }) => id)).toEqual(['one']);
    expect(await store.certificates.newest(certificateName.parse('a.example'))).toEqual(found[0]);
    // A quarter of 92 days before 1 February.
    const late = async (now: string) => store.troubles.certificates(new Date(now), 10);
    expect(await late('2027-01-08T00:00:00Z')).toEqual([]);
    expect((await late('2027-01-09T01:00:00Z')).map(({ name }) => name)).toEqual(['a.example']);
    const troubled = await store.troubles.deployments();
    expect(troubled.map(({ certificate }) => certificate)).toEqual(['a.example']);
    const charge = { kind: 'orders', subject: '', tokens: 1 } as const;
    expect(await store.orders.fullAt('https://ca.example/', charge)).toBeUndefined();
  } finally {
    await rm(place, { recursive: true });
  }
});
