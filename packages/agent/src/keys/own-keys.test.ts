import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyKindOf } from '@sixhub/base/keys';
import { certificateName, type KeyRequest } from '@sixhub/protocol';
import { afterAll, expect, it } from 'vitest';
import { openOwnKeys } from './own-keys.js';

const root = await mkdtemp(join(tmpdir(), 'own-keys-'));
afterAll(() => rm(root, { recursive: true }));
const name = certificateName.parse('example.org');

function request(change: Partial<KeyRequest> = {}): KeyRequest {
  const same = { certificate: name, names: ['example.org'], key: 'p256' } as const;
  return {
    id: randomUUID(),
    ...same,
    names: ['example.org'],
    keep: null,
    answered: null,
    ...change,
  };
}

async function place(): Promise<{ readonly state: string; readonly live: string }> {
  const state = await mkdtemp(join(root, 'state-'));
  const live = join(state, 'live');
  await mkdir(join(live, name), { recursive: true });
  return { state, live };
}

it('makes one key for one request, for root alone, and finds it by its public key', async () => {
  const { state, live } = await place();
  const keys = openOwnKeys(state, live);
  const wanted = request({ key: 'p384' });
  const key = await keys.forRequest(wanted);
  expect(keyKindOf(key.pem)).toBe('p384');
  expect(await openOwnKeys(state, live).forRequest(wanted)).toEqual(key);
  expect(await keys.find(name, key.publicKey)).toEqual(key);
  expect(await keys.find(name, '0'.repeat(64))).toBeUndefined();
  expect((await keys.forRequest(request())).publicKey).not.toBe(key.publicKey);
  const path = join(state, 'keys', name, `${wanted.id}.pem`);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  for (const directory of ['keys', join('keys', name)]) {
    expect((await stat(join(state, directory))).mode & 0o777).toBe(0o700);
  }
  await truncate(path, 20);
  expect((await keys.forRequest(wanted)).publicKey, 'cut: another one').not.toBe(key.publicKey);
});

it('goes on with the installed key where it is to be kept, and with a new one where that is gone', async () => {
  const { state, live } = await place();
  const keys = openOwnKeys(state, live);
  const first = await keys.forRequest(request());
  const installed = join(live, name, 'privkey.pem');
  await writeFile(installed, first.pem);
  await keys.keepOnly(name, []);
  expect(await readdir(join(state, 'keys'))).toEqual([]);
  const kept = request({ keep: first.publicKey });
  expect(await keys.forRequest(kept)).toEqual(first);
  await rm(installed);
  expect(await keys.find(name, first.publicKey), 'it is in both places').toEqual(first);
  await keys.discard(kept);
  expect((await keys.forRequest(kept)).publicKey).not.toBe(first.publicKey);
});

it('removes what is of other requests, and what a killed run left', async () => {
  const { state, live } = await place();
  const keys = openOwnKeys(state, live);
  const [one, other] = [request(), request()];
  const key = await keys.forRequest(one);
  await keys.forRequest(other);
  await writeFile(join(state, 'keys', name, '.left.pem.123'), 'half a key');
  expect(await keys.names()).toEqual([name]);
  await keys.keepOnly(name, [one]);
  expect(await readdir(join(state, 'keys', name))).toEqual([`${one.id}.pem`]);
  expect(await readFile(join(state, 'keys', name, `${one.id}.pem`), 'utf8')).toBe(key.pem);
});
