import { randomBytes } from 'node:crypto';
import { agentName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { openStore } from '../store/store.js';
import { createVault } from '../vault/vault.js';
import { AgentWatch } from './agent-watch.js';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const minute = 60_000;
const silentAfterMs = 360 * minute;

test('what the hub itself was away, asleep or set to another time counts against no agent', async () => {
  let now = Date.parse('2026-11-23T12:00:00Z');
  const clock = { now: () => new Date(now), sleep: () => Promise.resolve() };
  await using store = await openStore(':memory:', createVault(randomBytes(32)), clock, quiet);
  const [id, name] = ['web', agentName.parse('web')];
  await store.agents.create({ id, name, createdAt: clock.now() });
  await store.agents.setStatus(id, 'active', clock.now());
  await store.agents.seen(id, clock.now());
  const isSilent = async (): Promise<boolean | undefined> => (await store.agents.byId(id))?.silent;

  now += 7 * 60 * minute; // stopped, and started again
  const watch = new AgentWatch({ agents: store.agents, silentAfterMs, clock, log: quiet });
  const wait = async (minutes: number): Promise<void> => {
    for (let passed = 0; passed < minutes; passed += 1) {
      now += minute;
      await watch.tick();
    }
  };
  await watch.tick();
  await wait(29);
  expect(await isSilent()).toBe(false);
  await wait(1);
  expect(await isSilent()).toBe(true);

  await store.agents.seen(id, clock.now());
  now += 7 * 60 * minute; // suspended, or the clock was set
  await watch.tick();
  await wait(29);
  expect(await isSilent()).toBe(false);
  await wait(1);
  expect(await isSilent()).toBe(true);

  await store.agents.seen(id, clock.now());
  now -= 24 * 60 * minute; // set back: the time goes on from there
  await watch.tick();
  await store.agents.seen(id, clock.now());
  await wait(360);
  expect(await isSilent()).toBe(false);
  await wait(1);
  expect(await isSilent()).toBe(true);
});

test('whoever is silent after less than the half hour is so after that', async () => {
  let now = Date.parse('2026-11-23T12:00:00Z');
  const clock = { now: () => new Date(now), sleep: () => Promise.resolve() };
  await using store = await openStore(':memory:', createVault(randomBytes(32)), clock, quiet);
  await store.agents.create({ id: 'web', name: agentName.parse('web'), createdAt: clock.now() });
  await store.agents.setStatus('web', 'active', clock.now());
  const options = { agents: store.agents, silentAfterMs: minute, clock, log: quiet };
  const watch = new AgentWatch(options);
  now += minute + 1;
  await watch.tick();
  expect((await store.agents.byId('web'))?.silent).toBe(true);
});
