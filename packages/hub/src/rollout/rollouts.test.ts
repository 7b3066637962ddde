import { agentName } from '@sixhub/protocol';
import { describe, expect, test } from 'vitest';
import { day, ground, name, noone, silentAfterMs } from '../testing/rollout-ground.js';

test('a version goes to all at once, unless it was said otherwise before it was stored', async () => {
  await using hub = await ground();
  const one = await hub.newVersion();
  await hub.store.rollouts.planNext(name, noone);
  const two = await hub.newVersion();
  expect(await hub.wanted(one, two)).toBe('a1 b1 c1 d1');
  // Asked once.
  const three = await hub.newVersion();
  expect(await hub.wanted(one, two, three)).toBe('a3 b3 c3 d3');
  expect(await hub.state()).toBe('none');
});

test('one alone goes to all at once where each goes out in batches: what an authority takes back', async () => {
  await using hub = await ground();
  const one = await hub.newVersion();
  await hub.store.rollouts.planAlways(name, noone);
  await hub.store.rollouts.planNext(name, 'at-once');
  const two = await hub.newVersion();
  expect(await hub.wanted(one, two)).toBe('a2 b2 c2 d2');
  const three = await hub.newVersion();
  expect(await hub.wanted(one, two, three)).toBe('a2 b2 c2 d2');
  await hub.rollouts.tick();
  expect(await hub.wanted(one, two, three)).toBe('a3 b2 c2 d2');
});

test('the first version of all goes to all: there is none that could be kept', async () => {
  await using hub = await ground();
  await hub.store.rollouts.planAlways(name, noone);
  const one = await hub.newVersion();
  expect(await hub.wanted(one)).toBe('a1 b1 c1 d1');
  expect(await hub.state()).toBe('none');
});

describe('a rollout', () => {
  test('goes on when those that have it have proven it, by whichever hub process, to its end', async () => {
    await using hub = await ground();
    const one = await hub.newVersion();
    const first = [agentName.parse('c')];
    await hub.store.rollouts.planAlways(name, { batch: '2', first, patienceS: 1_800 });
    const two = await hub.newVersion();
    await hub.rollouts.tick();
    expect(await hub.wanted(one, two)).toBe('a1 b1 c2 d1');
    await hub.rollouts.tick();
    expect(await hub.wanted(one, two)).toBe('a1 b1 c2 d1');
    await hub.report('c', two, 'serving');
    const heir = hub.again();
    await heir.tick();
    expect(await hub.wanted(one, two)).toBe('a2 b2 c2 d1');
    await hub.report('a', two, 'serving');
    await heir.tick();
    expect(await hub.wanted(one, two)).toBe('a2 b2 c2 d1');
    await hub.report('b', two, 'serving');
    await heir.tick();
    await hub.report('d', two, 'serving');
    await heir.tick();
    expect(await hub.state()).toBe('done proven');
    const rows = (await hub.store.events.after(0, { kind: 'rollout', object: undefined }, 100)).map(
      ({ kind }) => kind,
    );
    expect(rows).toEqual([
      ...['rollout.started', 'rollout.batch', 'rollout.batch', 'rollout.batch', 'rollout.done'],
    ]);
  });

  test('stops at the first failure, and the others keep what they have', async () => {
    await using hub = await ground();
    const one = await hub.newVersion();
    await hub.store.rollouts.planNext(name, { ...noone, batch: '50%' });
    const two = await hub.newVersion();
    await hub.rollouts.tick();
    await hub.report('a', two, 'serving');
    await hub.report('b', two, 'rolled-back');
    await hub.rollouts.tick();
    expect(await hub.state()).toBe('stopped failed');
    expect((await hub.store.rollouts.of(name))?.place).toEqual({
      agent: 'b',
      says: 'apache (rolled-back): refused',
    });
    expect(await hub.wanted(one, two)).toBe('a2 b2 c1 d1');
    // Mended there: a person says when it goes on.
    await hub.report('b', two, 'serving');
    await hub.rollouts.tick();
    expect(await hub.state()).toBe('stopped failed');
    await hub.rollouts.continue(name, 'test');
    await hub.rollouts.tick();
    expect(await hub.wanted(one, two)).toBe('a2 b2 c2 d2');
  });

  test('goes on over what failed when a person says so, and stops at the next failure', async () => {
    await using hub = await ground();
    await hub.newVersion();
    await hub.store.rollouts.planNext(name, noone);
    const two = await hub.newVersion();
    await hub.rollouts.tick();
    await hub.report('a', two, 'broken-before');
    await hub.rollouts.tick();
    await hub.rollouts.continue(name, 'test');
    await hub.rollouts.tick();
    expect(await hub.state()).toBe('running');
    await hub.report('b', two, 'not-serving');
    await hub.rollouts.tick();
    expect(await hub.state()).toBe('stopped failed');
    expect((await hub.store.rollouts.of(name))?.place?.agent).toBe('b');
  });

  test('stops where an agent says no word; a hub that was away waits once more', async () => {
    await using hub = await ground();
    const one = await hub.newVersion();
    await hub.store.rollouts.planNext(name, noone);
    const two = await hub.newVersion();
    await hub.rollouts.tick();
    hub.pass(1_801_000);
    const heir = hub.again();
    await heir.tick();
    expect(await hub.state()).toBe('running');
    hub.pass(1_801_000);
    await heir.tick();
    expect(await hub.state()).toBe('stopped no-word');
    expect(await hub.wanted(one, two)).toBe('a2 b1 c1 d1');
  });

  test('does not wait for agents that are silent: they have it when they come', async () => {
    await using hub = await ground('abc');
    const one = await hub.newVersion();
    hub.pass(10 * day);
    for (const agent of ['a', 'c']) await hub.store.agents.seen(agent, new Date('2026-12-03'));
    await hub.store.agents.markSilent(new Date('2026-12-01'), new Date(0));
    await hub.store.rollouts.planNext(name, { ...noone, batch: '5' });
    const two = await hub.newVersion();
    await hub.rollouts.tick();
    expect(await hub.wanted(one, two)).toBe('a2 b1 c2');
    await hub.report('a', two, 'serving');
    await hub.report('c', two, 'serving');
    await hub.rollouts.tick();
    expect(await hub.wanted(one, two)).toBe('a2 b2 c2');
  });

  test('goes on from where it was when a hub was away for longer than agents may be silent', async () => {
    await using hub = await ground();
    const one = await hub.newVersion();
    await hub.store.rollouts.planNext(name, noone);
    const two = await hub.newVersion();
    await hub.rollouts.tick();
    hub.pass(silentAfterMs + 60_000);
    const watch = hub.agentWatch();
    const heir = hub.again();
    await watch.tick();
    await heir.tick();
    expect(await hub.wanted(one, two)).toBe('a2 b1 c1 d1');
    await hub.report('a', two, 'serving');
    await heir.tick();
    expect(await hub.state()).toBe('running');
    expect(await hub.wanted(one, two)).toBe('a2 b2 c1 d1');
  });

  test('asks who fell silent since it began, and ends for nobody who has proven nothing', async () => {
    await using hub = await ground('ab');
    const one = await hub.newVersion();
    await hub.store.rollouts.planNext(name, noone);
    const two = await hub.newVersion();
    hub.pass(silentAfterMs + 60_000); // a network that was away: the hub heard of nobody
    await hub.store.agents.markSilent(new Date('2026-11-23T12:00:02Z'), new Date(0));
    await hub.rollouts.tick();
    expect(await hub.state()).toBe('running');
    expect(await hub.wanted(one, two)).toBe('a2 b1');
    hub.pass(1_801_000);
    await hub.rollouts.tick();
    expect(await hub.state()).toBe('stopped no-word');
    // The next one begins while all are silent: the first that comes is asked.
    await hub.rollouts.toAll(name, 'test');
    hub.pass(silentAfterMs + 60_000);
    await hub.store.rollouts.planNext(name, noone);
    const three = await hub.newVersion();
    await hub.rollouts.tick();
    expect(await hub.state()).toBe('running');
    expect(await hub.wanted(one, two, three)).toBe('a2 b2');
    await hub.store.agents.seen('b', new Date('2026-11-24T12:00:00Z'));
    await hub.rollouts.tick();
    expect(await hub.wanted(one, two, three)).toBe('a2 b3');
  });

  test('keeps the version before only while a sixth of its life is left', async () => {
    await using hub = await ground();
    const one = await hub.newVersion(30);
    await hub.store.rollouts.planNext(name, noone);
    const two = await hub.newVersion();
    await hub.rollouts.tick();
    await hub.report('a', two, 'not-serving');
    await hub.rollouts.tick();
    expect(await hub.state()).toBe('stopped failed');
    hub.pass(24 * day);
    await hub.rollouts.tick();
    expect(await hub.wanted(one, two)).toBe('a2 b1 c1 d1');
    hub.pass(2 * day);
    await hub.rollouts.tick();
    expect(await hub.state()).toBe('done base-ends-soon');
    expect(await hub.wanted(one, two)).toBe('a2 b2 c2 d2');
  });

  test('keeps no revoked version, and gives none', async () => {
    await using hub = await ground();
    const one = await hub.newVersion();
    await hub.store.rollouts.planAlways(name, noone);
    const two = await hub.newVersion();
    await hub.rollouts.tick();
    const reason = 'superseded' as const;
    await hub.store.certificates.revoke(two, { at: new Date('2026-11-24'), reason });
    expect(await hub.state()).toBe('stopped revoked');
    await expect(hub.rollouts.continue(name, 'test')).rejects.toMatchObject({
      code: 'version-revoked',
    });
    // The one that replaces it goes to those at once that have what is revoked.
    const three = await hub.newVersion();
    expect(await hub.wanted(one, two, three)).toBe('a3 b1 c1 d1');
    await hub.store.certificates.revoke(one, { at: new Date('2026-11-24'), reason });
    expect(await hub.state()).toBe('done base-revoked');
    expect(await hub.wanted(one, two, three)).toBe('a3 b3 c3 d3');
  });

  test('of a revoked version is released neither by a person’s word nor because the one before ends', async () => {
    await using hub = await ground();
    const one = await hub.newVersion(30);
    await hub.store.rollouts.planNext(name, noone);
    const two = await hub.newVersion();
    await hub.rollouts.tick();
    const reason = 'keyCompromise' as const;
    await hub.store.certificates.revoke(two, { at: new Date('2026-11-24'), reason });
    for (const deed of ['continue', 'toAll'] as const)
      await expect(hub.rollouts[deed](name, 'test')).rejects.toMatchObject({
        code: 'version-revoked',
      });
    const kept = await hub.wanted(one, two);
    expect(kept).toMatch(/ b1 c1 d1$/);
    hub.pass(26 * day);
    await hub.rollouts.tick();
    expect(await hub.state()).toBe('stopped revoked');
    expect(await hub.wanted(one, two)).toBe(kept);
  });

  test('of a version that comes in the middle leaves each agent what it has until its turn', async () => {
    await using hub = await ground();
    const one = await hub.newVersion();
    await hub.store.rollouts.planAlways(name, noone);
    const two = await hub.newVersion();
    await hub.rollouts.tick();
    await hub.report('a', two, 'serving');
    await hub.rollouts.tick();
    const three = await hub.newVersion();
    expect(await hub.wanted(one, two, three)).toBe('a2 b2 c1 d1');
    await hub.rollouts.tick();
    expect(await hub.wanted(one, two, three)).toBe('a3 b2 c1 d1');
    await hub.rollouts.back(name, 'test');
    expect(await hub.wanted(one, two, three)).toBe('a2 b2 c1 d1');
    const four = await hub.newVersion();
    expect(await hub.wanted(one, two, three, four)).toBe('a1 b1 c1 d1');
  });

  test('ends at once for all by a person’s word, and is not there to be stopped then', async () => {
    await using hub = await ground();
    const one = await hub.newVersion();
    await hub.store.rollouts.planNext(name, noone);
    const two = await hub.newVersion();
    await hub.rollouts.halt(name, 'test');
    await hub.rollouts.tick();
    expect(await hub.wanted(one, two)).toBe('a1 b1 c1 d1');
    await hub.rollouts.toAll(name, 'test');
    expect(await hub.wanted(one, two)).toBe('a2 b2 c2 d2');
    for (const deed of ['halt', 'back', 'continue', 'toAll'] as const)
      await expect(hub.rollouts[deed](name, 'test')).rejects.toMatchObject({ code: 'no-rollout' });
  });
});
