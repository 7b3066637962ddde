import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateName, type KeyRequest, type WantedCertificate } from '@sixhub/protocol';
import { expect, it } from 'vitest';
import { openOwnKeys } from '../keys/own-keys.js';
import type { Installed } from '../domain/version.js';
import type { Hub, OwnKeys } from '../ports.js';
import { answerRequests, tidyKeys } from './answer-requests.js';

const name = certificateName.parse('example.org');

function request(): KeyRequest {
  const wish = { certificate: name, names: [name], key: 'p256', keep: null } as const;
  return { ...wish, names: [name], id: randomUUID(), answered: null };
}

interface Place extends AsyncDisposable {
  readonly keys: OwnKeys;
  install(pem: string): Promise<void>;
  files(): Promise<readonly string[]>;
  /** Where the hub wants the version that is installed. */
  tidy(requests: readonly KeyRequest[]): Promise<void>;
}

async function openPlace(): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), 'answer-requests-'));
  const live = join(root, 'live');
  await mkdir(join(live, name), { recursive: true });
  const keys = openOwnKeys(root, live);
  const version: WantedCertificate = {
    ...{ name, version: 'one', fingerprint: 'f', names: [name], revoked: [] },
    notAfter: new Date().toISOString(),
  };
  const whole: Installed = {
    kind: 'whole',
    version: { target: '', fingerprint: 'f', notAfter: new Date() },
  };
  const tree = { look: () => Promise.resolve(whole) };
  const parts = { keys, tree, journal: expect.fail } as unknown as Parameters<typeof tidyKeys>[0];
  return {
    keys,
    install: (pem) => writeFile(join(live, name, 'privkey.pem'), pem),
    files: () => readdir(join(root, 'keys'), { recursive: true }),
    tidy: (requests) => tidyKeys(parts, [version], requests),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

it('keeps a key whose request is gone while another version is wanted, until it is in place', async () => {
  await using place = await openPlace();
  const { keys } = place;
  const before = await keys.forRequest(request());
  await place.install(before.pem);
  await place.tidy([]);
  expect(await place.files()).toEqual([]);

  const answered = request();
  const key = await keys.forRequest(answered);
  await place.tidy([]);
  expect((await keys.find(name, key.publicKey))?.pem).toBe(key.pem);
  await place.install(key.pem);
  await place.tidy([]);
  expect(await place.files()).toEqual([]);
});

it('removes a key of which nothing came as soon as another one is wanted', async () => {
  await using place = await openPlace();
  const failed = await place.keys.forRequest(request());
  const next = request();
  await place.keys.forRequest(next);
  await place.tidy([next]);
  expect(await place.keys.find(name, failed.publicKey)).toBeUndefined();
  expect(await place.files()).toEqual([name, join(name, `${next.id}.pem`)]);
});

it('throws a key away only where the hub will never take it', async () => {
  await using place = await openPlace();
  const { keys } = place;
  for (const isForGood of [false, true]) {
    const hub = {
      answerRequest: () => Promise.resolve({ why: 'no such request', isForGood }),
    } as unknown as Hub;
    const asked = request();
    const { publicKey } = await keys.forRequest(asked);
    const answered = await answerRequests({ hub, keys, journal: () => undefined }, [asked]);
    expect(answered).toMatchObject([{ state: 'failed', detail: 'no such request' }]);
    expect((await keys.find(name, publicKey)) === undefined).toBe(isForGood);
  }
});
