import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@sixhub/base';
import { expect, test } from 'vitest';
import type { Log } from '../ports.js';
import { openStore, type Store } from '../store/store.js';
import type { SealStore } from '../store/seals.js';
import { createMasterKey, readMasterKey } from './master-key.js';
import { MasterKey, type KeyPaths } from './master-key-change.js';

const quiet: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** More than the pages that are resealed at once. */
const secrets = 450;

interface Ground extends AsyncDisposable {
  readonly state: string;
  readonly paths: KeyPaths;
  readonly first: Uint8Array;
  /** A hub that starts: what was begun is finished before anything else. */
  start(): Promise<{ readonly masterKey: MasterKey; readonly store: Store } & AsyncDisposable>;
}

async function prepare(keyIn = 'state'): Promise<Ground> {
  const place = await mkdtemp(join(tmpdir(), 'sixhub-rotation-'));
  const state = join(place, 'state');
  await mkdir(state);
  await mkdir(join(place, keyIn), { recursive: true });
  const paths = {
    masterKey: join(place, keyIn, 'master.key'),
    nextMasterKey: join(state, 'master.key.next'),
  };
  await createMasterKey(paths.masterKey);
  const start: Ground['start'] = async () => {
    const masterKey = await MasterKey.open(paths, quiet);
    const store = await openStore(join(state, 'hub.db'), masterKey.vault, systemClock, quiet);
    await masterKey.finishChange(store.seals);
    return {
      ...{ masterKey, store },
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  };
  await using hub = await start();
  await Promise.all(
    Array.from({ length: secrets }, (_, index) =>
      hub.store.secrets.create(`secret ${index}`, '', `content ${index}`),
    ),
  );
  await hub.store.authorityAccounts.create('https://ca.test', 'account key', new Date());
  await hub.store.authorityAccounts.prepareKey('https://ca.test', 'next account key');
  return {
    ...{ state, paths, start, first: await readMasterKey(paths.masterKey) },
    [Symbol.asyncDispose]: () => rm(place, { recursive: true }),
  };
}

async function everythingOpens({ store }: { readonly store: Store }): Promise<void> {
  for (let index = 0; index < secrets; index++) {
    expect((await store.secrets.find(`secret ${index}`))?.secret).toBe(`content ${index}`);
  }
  const account = await store.authorityAccounts.find('https://ca.test');
  expect(account).toMatchObject({ key: 'account key', nextKey: 'next account key' });
}

test('everything is sealed anew, the old key is gone, and what is written meanwhile opens too', async () => {
  await using ground = await prepare();
  {
    await using hub = await ground.start();
    const changing = hub.masterKey.rotate(hub.store.seals);
    const writing = Array.from({ length: 100 }, (_, index) =>
      hub.store.secrets.create(`meanwhile ${index}`, '', 'written'),
    );
    const [rotated] = await Promise.all([changing, ...writing]);
    expect(rotated).toMatchObject({ placed: true });
    expect(rotated.resealed).toBeGreaterThanOrEqual(secrets + 2);
    await everythingOpens(hub);
  }
  expect(await readdir(ground.state)).not.toContain('master.key.next');
  expect(await readMasterKey(ground.paths.masterKey)).not.toEqual(ground.first);
  await using again = await ground.start();
  await everythingOpens(again);
  for (let index = 0; index < 100; index++) {
    expect((await again.store.secrets.find(`meanwhile ${index}`))?.secret).toBe('written');
  }
});

/** Dies at its n-th pass over the database: before it, in it, or when it is committed and not heard of. */
function dying(seals: SealStore, at: number, moment: 'before' | 'after'): SealStore {
  let count = 0;
  return {
    async reseal(vault) {
      count += 1;
      if (count === at && moment === 'before') throw new Error('killed');
      const done = await seals.reseal(vault);
      if (count === at) throw new Error('killed');
      return done;
    },
  };
}

test.each(
  [1, 2, 3].flatMap((pass) => (['before', 'after'] as const).map((moment) => ({ pass, moment }))),
)(
  'dead $moment pass $pass: the next start finishes it, nothing is lost',
  async ({ pass, moment }) => {
    await using ground = await prepare();
    {
      await using hub = await ground.start();
      const { masterKey, store } = hub;
      await expect(masterKey.rotate(dying(store.seals, pass, moment))).rejects.toThrow('killed');
      await everythingOpens(hub); // it did not die, say: it goes on with both
      await store.secrets.create('later', '', 'written');
    }
    await using again = await ground.start();
    await everythingOpens(again);
    expect((await again.store.secrets.find('later'))?.secret).toBe('written');
    expect(await readdir(ground.state)).not.toContain('master.key.next');
    expect(await readMasterKey(ground.paths.masterKey)).not.toEqual(ground.first);
  },
);

test('a key that the hub may not write: both stay until a person has put the new one in its place', async () => {
  await using ground = await prepare('credentials');
  const { paths } = ground;
  {
    await using hub = await ground.start();
    await rm(join(paths.masterKey, '..'), { recursive: true });
    expect(await hub.masterKey.rotate(hub.store.seals)).toMatchObject({ placed: false });
    const next = await readFile(paths.nextMasterKey);
    // Asked once more, it is still about the same key.
    expect(await hub.masterKey.rotate(hub.store.seals)).toEqual({ resealed: 0, placed: false });
    expect(await readFile(paths.nextMasterKey)).toEqual(next);
    await mkdir(join(paths.masterKey, '..'));
    await writeFile(paths.masterKey, next, { mode: 0o400 });
  }
  await using again = await ground.start();
  await everythingOpens(again);
  expect(await readdir(ground.state)).not.toContain('master.key.next');
});
