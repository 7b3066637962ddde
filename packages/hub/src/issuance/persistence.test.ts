import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { rulesOf } from '../domain/limits.js';
import { parseDnsName, type DnsName } from '../domain/dns-name.js';
import type { Authority } from '../ports.js';
import { openStore } from '../store/store.js';
import { createVault } from '../vault/vault.js';
import { Persistence } from './persistence.js';

const clock = { now: () => new Date('2026-11-25T00:00:00Z'), sleep: () => Promise.resolve() };
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const never = (): Promise<never> => Promise.reject(new Error('nobody is asked'));
const nothing = { texts: () => Promise.resolve({ kind: 'texts', texts: [] } as const) };
const signal = AbortSignal.timeout(60_000);

/** With the account of the draft's example: its key is that of RFC 7638 §3.1. */
const authority: Authority = {
  ...{ name: 'ca', directory: 'https://ca.example/directory', profile: undefined },
  ...{ preferredChain: undefined, dnsPersist: true, rules: rulesOf('ca.example') },
  ...{ roots: never, open: never, openWithoutAccount: never },
  account: {
    ...{ open: never, describe: never, update: never, rollover: never, deactivate: never },
    ...{ registerAnew: never, replaceKey: never, forget: never },
    identity: () =>
      Promise.resolve({
        url: 'https://ca.example/acct/123',
        thumbprints: ['NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'],
      }),
  },
};

function name(text: string): DnsName {
  const parsed = parseDnsName(text);
  if (parsed.kind !== 'name') throw new Error(text);
  return parsed.name;
}

test("the draft's own test vectors: the account by hash, bound to the domain or to none (§10.2)", async () => {
  await using store = await openStore(':memory:', createVault(randomBytes(32)), clock, quiet);
  const persistence = new Persistence({ offers: store.persistOffers, lookup: nothing, clock });
  const domain = name('example.com');
  expect(await persistence.record(authority, domain, false, signal)).toBeUndefined();
  await store.persistOffers.save(authority.directory, {
    issuers: ['authority.example'],
    hashPrefix: 'https://ca.example/account-hash/',
  });
  const record = await persistence.record(authority, domain, false, signal);
  expect(record?.accountUris).toEqual([
    'https://ca.example/account-hash/sha-256/5SQm7n6tPh2-PlLbCKGnViTXX5z19SCN4cPGQHSk-kw',
    'https://ca.example/account-hash/sha-256/NpDnSwUthQK8zCgFdefYxAdAVPnygMLbs9US6oO-5ug',
  ]);
});

test('without a prefix (version 01 of the draft) the account stands by its URL', async () => {
  await using store = await openStore(':memory:', createVault(randomBytes(32)), clock, quiet);
  const persistence = new Persistence({ offers: store.persistOffers, lookup: nothing, clock });
  const offer = { issuers: ['authority.example'], hashPrefix: undefined };
  await store.persistOffers.save(authority.directory, offer);
  const record = await persistence.record(authority, name('example.com'), true, signal);
  expect(record?.accountUris).toEqual(['https://ca.example/acct/123']);
});
