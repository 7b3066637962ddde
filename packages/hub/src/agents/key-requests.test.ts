import { randomBytes, randomUUID } from 'node:crypto';
import { createCsr, createKey } from '@sixhub/acme';
import { agentName, certificateName } from '@sixhub/protocol';
import * as x509 from '@peculiar/x509';
import { expect, test } from 'vitest';
import type { Version } from '../domain/certificate.js';
import { parseDnsName } from '../domain/dns-name.js';
import type { Issuance } from '../domain/issuance.js';
import type { Wish } from '../issuance/runner.js';
import { publicKeyOfPrivateKey } from '../store/public-key.js';
import { openStore, type Store } from '../store/store.js';
import { createVault } from '../vault/vault.js';
import { KeyRequests } from './key-requests.js';

const begun = new Date('2026-11-25T00:00:00Z');
let now = begun;
const clock = { now: () => now, sleep: () => Promise.resolve() };
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const name = certificateName.parse('example.org');
const web = agentName.parse('web');
const parsed = parseDnsName('example.org');
const names = parsed.kind === 'name' ? [parsed.name] : [];

interface Ground extends AsyncDisposable {
  readonly store: Store;
  readonly keys: KeyRequests;
  readonly renewed: Wish[];
  begin(reuseKey?: boolean): Promise<Issuance>;
  agent(): Promise<NonNullable<Awaited<ReturnType<Store['agents']['find']>>>>;
  /** What comes of the issuance: a version with this key. */
  stored(issuance: Issuance, key: string): Promise<Version>;
}

async function openGround(): Promise<Ground> {
  now = begun;
  const store = await openStore(':memory:', createVault(randomBytes(32)), clock, quiet);
  const renewed: Wish[] = [];
  const runner = {
    renew: (wish: Wish) => Promise.resolve(void renewed.push(wish)),
    woken: () => undefined,
  };
  await store.agents.create({ id: 'one', name: web, createdAt: now });
  const same = { names, keyKind: 'p256', reuseKey: false, keyOn: web } as const;
  await store.certificates.save({ name, ...same, createdAt: now });
  await store.agents.grant('one', name, now);
  return {
    ...{ store, renewed },
    keys: new KeyRequests({ store, runner, clock }),
    async begin(reuseKey = false) {
      const issuance: Issuance = {
        ...{ id: randomUUID(), certificate: name, ...same, reuseKey, request: undefined },
        ...{ authority: 'first', stage: 'order', orderUrl: undefined, failures: 0 },
        ...{ retryAt: undefined, retryOrdered: false, createdAt: now },
      };
      await store.issuances.create(issuance);
      return issuance;
    },
    async agent() {
      const agent = await store.agents.find(web);
      if (agent === undefined) throw new Error('web is gone');
      return agent;
    },
    async stored(issuance, key) {
      const version: Version = {
        ...{ id: randomUUID(), certificate: name, fingerprint: 'f', serial: '1', issuer: 'CA' },
        ...{
          authority: 'first',
          notBefore: now,
          notAfter: new Date(now.getTime() + 90 * 86_400_000),
        },
        ...{ issuedAt: now, leaf: await leafOf(key), chain: '', keyOn: web, revoked: undefined },
      };
      const { id, fingerprint, issuer, notAfter } = version;
      await store.issuances.finish(issuance.id, version, undefined, {
        ...{ kind: 'stored', version: id, fingerprint, issuer, notAfter: notAfter.toISOString() },
      });
      return version;
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

const ec = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

async function leafOf(key: string): Promise<string> {
  const der = x509.PemConverter.decodeFirst(key);
  const signingKey = await crypto.subtle.importKey('pkcs8', der, ec, true, ['sign']);
  const request = new x509.Pkcs10CertificateRequest(await createCsr(names, key));
  const leaf = await x509.X509CertificateGenerator.create({
    ...{ serialNumber: '01', subject: 'CN=example.org', issuer: 'CN=example.org' },
    ...{ notBefore: begun, notAfter: new Date('2027-11-25T00:00:00Z') },
    ...{ publicKey: request.publicKey, signingKey, signingAlgorithm: ec },
  });
  return leaf.toString('pem');
}

test('a machine that lost its key before the version was there asks with another one, and not for ever', async () => {
  await using ground = await openGround();
  const { keys, store } = ground;
  const { id } = await ground.begin();
  const agent = await ground.agent();
  expect(await keys.of(agent)).toEqual([
    { id, certificate: name, names: ['example.org'], key: 'p256', keep: null, answered: null },
  ]);
  for (let at = 1; at <= 5; at++) {
    const key = await createKey('p256');
    await keys.answer(agent, id, await createCsr(names, key));
    expect(await keys.of(agent)).toMatchObject([{ answered: publicKeyOfPrivateKey(key) }]);
    await keys.answer(agent, id, await createCsr(names, key)); // the same again is no other one
  }
  const sixth = await createCsr(names, await createKey('p256'));
  await expect(keys.answer(agent, id, sixth)).rejects.toMatchObject({ code: 'key-lost-again' });
  await store.agents.ungrant('one', name);
  expect(await keys.of(await ground.agent())).toEqual([]);
  await expect(keys.answer(await ground.agent(), id, sixth)).rejects.toMatchObject({
    code: 'no-request',
  });
});

test('a key is kept only where renewals keep it, it is of the kind, and nobody knows it', async () => {
  await using ground = await openGround();
  const { keys, store } = ground;
  const key = await createKey('p256');
  const csr = await createCsr(names, key);
  const first = await ground.begin();
  await keys.answer(await ground.agent(), first.id, csr);
  const version = await ground.stored(first, key);
  expect(await keys.of(await ground.agent())).toEqual([]);

  const anew = await ground.begin();
  expect(await keys.of(await ground.agent())).toMatchObject([{ keep: null }]);
  await expect(keys.answer(await ground.agent(), anew.id, csr)).rejects.toMatchObject({
    code: 'key-in-use',
  });
  await store.issuances.update(anew.id, { stage: 'failed' });
  const kept = await ground.begin(true);
  expect(await keys.of(await ground.agent())).toMatchObject([{ keep: publicKeyOfPrivateKey(key) }]);
  await keys.answer(await ground.agent(), kept.id, csr);
  await store.certificates.revoke(version, { at: now, reason: 'keyCompromise' });
  expect(await keys.of(await ground.agent())).toMatchObject([{ keep: null }]);
});

test('a lost key has one new issuance, and a second one only a day later', async () => {
  await using ground = await openGround();
  const { keys, renewed, store } = ground;
  const lose = async (version: Version) =>
    keys.lost(await ground.agent(), { certificate: name, version: version.id });
  const first = await ground.stored(await ground.begin(), await createKey('p256'));
  await lose(first);
  expect(renewed).toMatchObject([{ certificate: name, keyOn: 'web' }]);
  now = new Date(now.getTime() + 60_000);
  const running = await ground.begin();
  await lose(first);
  expect(renewed, 'one is under way').toHaveLength(1);
  const second = await ground.stored(running, await createKey('p256'));
  await expect(lose(first)).rejects.toMatchObject({ code: 'no-request' });
  now = new Date(now.getTime() + 3_600_000);
  await expect(lose(second)).rejects.toMatchObject({ code: 'key-lost-again', retryAfterS: 82_800 });
  now = new Date(now.getTime() + 86_400_000);
  await lose(second);
  expect(renewed).toHaveLength(2);
  // A day is a day, however far apart the last two versions are.
  const third = await ground.stored(await ground.begin(), await createKey('p256'));
  now = new Date(now.getTime() + 3_600_000);
  await expect(lose(third)).rejects.toMatchObject({ code: 'key-lost-again', retryAfterS: 82_800 });
  now = new Date(now.getTime() + 82_800_000);
  await lose(third);
  expect(renewed).toHaveLength(3);
  await store.agents.ungrant('one', name);
  await expect(lose(third)).rejects.toMatchObject({ code: 'no-request' });
});

test.each(['cessationOfOperation', 'superseded'] as const)(
  'a version that was revoked (%s) has no successor because its key is lost',
  async (reason) => {
    await using ground = await openGround();
    const { keys, renewed, store } = ground;
    const version = await ground.stored(await ground.begin(), await createKey('p256'));
    await store.certificates.revoke(version, { at: now, reason });
    const lost = { certificate: name, version: version.id };
    await expect(keys.lost(await ground.agent(), lost)).rejects.toMatchObject({
      ...{ code: 'no-request', message: expect.stringContaining('is revoked') },
    });
    expect(renewed).toEqual([]);
  },
);
