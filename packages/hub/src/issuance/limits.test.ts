import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rulesOf } from '../domain/limits.js';
import { openStore, type Store } from '../store/store.js';
import { createVault } from '../vault/vault.js';
import { Limits } from './limits.js';

/** The real store, and a time that is set. */
const minute = 60_000;
const hour = 60 * minute;
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const vault = createVault(randomBytes(32));
const letsEncrypt = {
  name: 'letsencrypt',
  directory: 'https://acme-v02.api.letsencrypt.org/directory',
  rules: rulesOf('acme-v02.api.letsencrypt.org'),
};

let place: string;
let store: Store;
let limits: Limits;
let now: number;
const clock = { now: () => new Date(now), sleep: () => Promise.resolve() };

async function open(): Promise<void> {
  store = await openStore(join(place, 'hub.db'), vault, clock, quiet);
  limits = new Limits(store.orders, clock);
}

beforeEach(async () => {
  now = Date.parse('2026-11-24T00:00:00Z');
  place = await mkdtemp(join(tmpdir(), 'sixhub-limits-'));
  await open();
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(place, { recursive: true });
});

/** How long an order for these names has to wait. */
async function waits(...names: readonly string[]): Promise<number> {
  const usedUp = await limits.ofOrder(letsEncrypt, names);
  return usedUp === undefined ? 0 : usedUp.until.getTime() - now;
}

let orders = 0;
async function order(...names: readonly string[]): Promise<string> {
  orders += 1;
  const url = `https://acme-v02.api.letsencrypt.org/order/${orders}`;
  expect(await limits.takeOrder(letsEncrypt, names)).toBe(true);
  await limits.orderMade(letsEncrypt, { url, names });
  return url;
}

test('300 new orders at once, then one each 36 seconds; another authority is not concerned', async () => {
  for (let made = 0; made < 300; made += 50) {
    expect(await waits(`d${made}.example`)).toBe(0);
    await Promise.all(Array.from({ length: 50 }, (_, at) => order(`d${made + at}.example`)));
  }
  expect(await waits('next.example')).toBe(36_000);
  const usedUp = await limits.ofOrder(letsEncrypt, ['next.example']);
  expect(usedUp?.fact).toBe(
    "letsencrypt: its limit of 300 new orders within 3h is used up by the hub's own count, so it was not asked; one comes back every 36s, and the next try fits at 2026-11-24T00:00:36.000Z",
  );
  const other = { ...letsEncrypt, name: 'other', directory: 'https://ca.example/directory' };
  expect(await limits.ofOrder(other, ['next.example'])).toBeUndefined();
  now += 36_000;
  expect(await waits('next.example')).toBe(0);
});

test('50 certificates of a registered domain, whichever names below it; an owner below github.io is one', async () => {
  for (let made = 0; made < 50; made++) await order(`host${made}.example.co.uk`);
  expect(await waits('another.example.co.uk')).toBe((7 * 24 * hour) / 50);
  expect(await waits('another.other.co.uk')).toBe(0);
  for (let made = 0; made < 50; made++) await order(`host${made}.a.github.io`);
  expect(await waits('b.github.io')).toBe(0);
  expect(await waits('x.a.github.io')).toBeGreaterThan(0);
});

test('5 certificates of the same names in whatever order; an order of which none came is none', async () => {
  const urls: string[] = [];
  for (let made = 0; made < 5; made++) urls.push(await order('*.a.example', 'a.example'));
  expect(await waits('a.example', '*.a.example')).toBe((7 * 24 * hour) / 5);
  expect(await waits('a.example')).toBe(0);
  const [first = '', second = ''] = urls;
  await limits.orderGaveCertificate(letsEncrypt, first);
  await limits.orderCameToNothing(letsEncrypt, first);
  expect(await waits('a.example', '*.a.example'), 'it gave one').toBeGreaterThan(0);
  await limits.orderCameToNothing(letsEncrypt, second);
  expect(await waits('a.example', '*.a.example')).toBe(0);
  await limits.orderCameToNothing(letsEncrypt, second);
  await order('a.example', '*.a.example');
  expect(await waits('a.example', '*.a.example'), 'put back once').toBeGreaterThan(0);
});

test('5 failed validations of a name, one back each 12 minutes; kept by a hub that was stopped', async () => {
  await limits.validationsFailed(letsEncrypt, ['a.example', 'a.example']);
  expect(await waits('a.example', '*.a.example')).toBe(0);
  await limits.validationsFailed(letsEncrypt, ['a.example', 'a.example']);
  await store[Symbol.asyncDispose]();
  await open();
  expect(await waits('a.example'), 'one is left').toBe(0);
  expect(await waits('a.example', '*.a.example'), 'both may fail').toBe(12 * minute);
  expect(await waits('b.a.example')).toBe(0);
  const usedUp = await limits.ofOrder(letsEncrypt, ['a.example', '*.a.example']);
  expect(usedUp?.fact).toContain('its limit of 5 failed validations of a.example within 1h');
  now += 12 * minute;
  expect(await waits('a.example', '*.a.example')).toBe(0);
});

test('10 accounts from one address; a new one begins with orders and failures of its own', async () => {
  await limits.validationsFailed(
    letsEncrypt,
    Array.from({ length: 5 }, () => 'a.example'),
  );
  expect(await waits('a.example')).toBeGreaterThan(0);
  for (let made = 0; made < 10; made++) {
    await limits.checkNewAccount(letsEncrypt);
    await limits.accountMade(letsEncrypt);
  }
  expect(await waits('a.example')).toBe(0);
  await expect(limits.checkNewAccount(letsEncrypt)).rejects.toMatchObject({
    kind: 'rate-limited',
    retryAfterMs: 18 * minute,
  });
  now += 18 * minute;
  await limits.checkNewAccount(letsEncrypt);
});
