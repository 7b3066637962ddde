import { expect, test } from 'vitest';
import { day, hour, openSimulator } from './simulator.js';

test('a revoked certificate is replaced within one look at its renewal information', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first', renewalInfoRetryMs: 6 * hour }],
    certificates: ['a.example'],
  });
  await hub.pass(2 * day, hour);
  const [first] = hub.authorities;
  for (const known of first?.ledger.certificates.values() ?? []) {
    known.revoked = hub.time.now().getTime();
  }
  await hub.pass(8 * hour, hour / 2);
  expect(await hub.versions('a.example')).toHaveLength(2);
  expect(hub.warnings.join()).toContain('withdraws');
});

test('six-day certificates without renewal information are renewed every three days', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first', renewalInfoRetryMs: undefined }],
    certificates: ['a.example'],
    profile: 'shortlived',
  });
  await hub.pass(30 * day, hour);
  const count = (await hub.versions('a.example')).length;
  expect(count).toBeGreaterThanOrEqual(9);
  expect(count).toBeLessThanOrEqual(11);
});

test('lifetimes of minutes: the whole loop', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first', renewalInfoRetryMs: 10_000, profiles: { minutes: 4 * 60_000 } }],
    certificates: ['a.example'],
  });
  let least = 1;
  await hub.pass(hour, 10_000, async () => {
    least = Math.min(least, await hub.leftOf('a.example'));
  });
  expect(least).toBeGreaterThan(0.25);
  expect((await hub.versions('a.example')).length).toBeGreaterThan(20);
});

test('after a stop of months all is made up for at the first tick; a clock set back plans anew', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: ['a.example', 'b.example'],
  });
  await hub.pass(hour, hour / 2);
  const then = hub.time.now().getTime();
  hub.time.setTo(then + 80 * day);
  await hub.pass(hour, hour / 2);
  for (const name of ['a.example', 'b.example']) expect(await hub.versions(name)).toHaveLength(2);

  hub.time.setTo(then + 10 * day);
  await hub.pass(hour, hour / 2);
  expect(hub.warnings.join()).toContain('set back');
  await hub.pass(13 * hour, hour);
  expect(hub.authorities[0]?.ledger.orders.length).toBeLessThanOrEqual(6);
});

test('an authority with its own count of orders is never asked for one too many', async () => {
  const limit = { per: 'account', count: 3, withinMs: 3 * hour } as const;
  await using hub = await openSimulator({
    authorities: [{ name: 'first', renewalInfoRetryMs: undefined, limits: [limit] }],
    certificates: ['a.example', 'b.example', 'c.example'],
  });
  const paused = hub.authorities[0]?.conduct.paused;
  paused?.add('d.example');
  await hub.pass(4 * hour, hour / 2);
  await hub.issue('d.example');
  await hub.issue('e.example');
  expect(await hub.versions('d.example')).toHaveLength(0);
  expect(await hub.versions('e.example'), 'a paused name holds up no other').toHaveLength(1);
  paused?.clear();
  await hub.pass(2 * day, hour);
  expect(await hub.versions('d.example')).toHaveLength(1);
});
