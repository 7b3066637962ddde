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
  await sql`insert into orders (directory, at, names)
    values ('https://ca.example/', '2026-11-24T00:00:00.000Z', 'a.example')`.execute(db);
  await db.destroy();
}

test('a database of before is brought up to date: its versions are found by their key', async () => {
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
    const charge = { kind: 'orders', subject: '', tokens: 1 } as const;
    expect(await store.orders.fullAt('https://ca.example/', charge)).toBeUndefined();
  } finally {
    await rm(place, { recursive: true });
  }
});
