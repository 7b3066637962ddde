import { randomBytes, randomUUID } from 'node:crypto';
import { systemClock } from '@sixhub/base';
import { agentName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { openStore, type Store } from '../store/store.js';
import { createVault } from '../vault/vault.js';
import { HubCa, type CaStore } from './hub-ca.js';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A store whose disk is full when the next line of the audit log is written. */
function withFullDisk({ secrets, caTrust, audit }: Store) {
  let isFull = false;
  const store: CaStore = {
    ...{ secrets, caTrust },
    audit: {
      read: (wish) => audit.read(wish),
      async append(entry) {
        if (isFull) {
          isFull = false;
          throw new Error('database or disk is full');
        }
        await audit.append(entry);
      },
    },
  };
  return { store, fill: () => (isFull = true) };
}

const opened = () => openStore(':memory:', createVault(randomBytes(32)), systemClock, quiet);

async function notes({ audit }: Store): Promise<readonly string[]> {
  return (await audit.read({ limit: 10, after: 0 })).map(({ action }) => action);
}

test('a step that is stored is taken, though the disk is full right after; the rest is made up for', async () => {
  await using store = await opened();
  const id = randomUUID(); // keeps the change from being finished by itself
  await store.agents.create({ id, name: agentName.parse('web'), createdAt: systemClock.now() });
  await store.agents.setStatus(id, 'active', systemClock.now());
  const disk = withFullDisk(store);
  const ca = await HubCa.open(disk.store, systemClock);
  const followed: boolean[] = [];
  ca.follow((disconnect) => Promise.resolve(void followed.push(disconnect)));

  disk.fill();
  await expect(ca.rotate('test')).rejects.toThrow('disk is full');
  expect(ca.state.next).toBeDefined();
  expect(followed).toEqual([false]);
  expect(await notes(store)).toEqual([]);
  await ca.tick();
  expect(await notes(store)).toEqual(['ca.rotate']);
  await expect(ca.rotate('test')).rejects.toMatchObject({ code: 'ca-rotating' });

  const next = ca.newest.sha256;
  disk.fill();
  await expect(ca.finish('test', true)).rejects.toThrow('disk is full');
  expect(ca.serving.sha256).toBe(next);
  expect(ca.state).toMatchObject({ next: undefined, former: [] });
  // Whoever is not to be trusted any more is cut off all the same.
  expect(followed).toEqual([false, true]);
  await ca.tick();
  expect(await notes(store)).toEqual(['ca.rotate', 'ca.finish']);
  expect(followed).toEqual([false, true]);
  expect((await HubCa.open(disk.store, systemClock)).serving.sha256).toBe(next);
  await ca.rotate('test');
  expect(ca.state.next).toBeDefined();
});

test('what listens is told again until it has heard of the step', async () => {
  await using store = await opened();
  const ca = await HubCa.open(store, systemClock);
  let failures = 1;
  const heard: boolean[] = [];
  ca.follow((disconnect) => {
    failures -= 1;
    if (failures >= 0) return Promise.reject(new Error('no certificate'));
    heard.push(disconnect);
    return Promise.resolve();
  });
  await expect(ca.rotate('test')).rejects.toThrow('no certificate');
  expect(await notes(store)).toEqual(['ca.rotate']);
  await ca.finish('test', true);
  expect(heard).toEqual([false, true]);
});
