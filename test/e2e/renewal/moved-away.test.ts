import { certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { day, hour, openSimulator } from './simulator.js';

test('a domain that moved away is told within a day and a half, long before its renewal; and when it is back', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: ['a.example', 'b.example'],
  });
  await hub.pass(10 * day, hour);
  hub.movedAway.add('a.example');
  await hub.pass(1.5 * day, hour);
  // The log has a line of the look itself; what people are told of it is counted elsewhere.
  const told = (): readonly string[] =>
    hub.warnings.filter((line) => line.includes('is gone: no renewal can be validated'));
  expect(told()).toHaveLength(1);
  expect(told()[0]).toContain('the CNAME of a.example is gone');
  expect(told()[0]).toContain('hub doctor a.example');
  expect([...(await hub.store.delegations.gone()).keys()]).toEqual(['a.example']);
  expect(await hub.leftOf('a.example')).toBeGreaterThan(0.8);

  await hub.pass(20 * day, hour);
  expect(told(), 'told once, not every hour').toHaveLength(1);
  hub.movedAway.clear();
  await hub.pass(day, hour);
  expect((await hub.store.delegations.gone()).size).toBe(0);
  const actions = (await hub.store.audit.read({ limit: 100 })).map(({ action }) => action);
  expect(actions.filter((action) => action.startsWith('delegation.'))).toEqual([
    'delegation.back',
    'delegation.gone',
  ]);
});

test('while it is gone nothing is lost: the renewal waits, and goes on when it is back', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: ['a.example'],
  });
  await hub.pass(40 * day, 6 * hour);
  hub.movedAway.add('a.example');
  await hub.pass(25 * day, 6 * hour);
  expect(await hub.versions('a.example')).toHaveLength(1);
  hub.movedAway.clear();
  await hub.pass(day, hour);
  expect(await hub.versions('a.example')).toHaveLength(2);
  expect(hub.authorities[0]?.ledger.orders, 'no order was wasted').toHaveLength(2);
});

test('a clock that was a year ahead for a while ends no watch', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: ['a.example'],
  });
  await hub.pass(day, hour);
  const right = hub.time.now().getTime();
  const [first] = hub.authorities;
  if (first === undefined) throw new Error('one authority');
  first.conduct.clockAheadMs = -365 * day;
  hub.time.setTo(right + 365 * day);
  await hub.pass(2 * day, 6 * hour);
  first.conduct.clockAheadMs = 0;
  hub.time.setTo(right + 3 * day);
  hub.movedAway.add('a.example');
  await hub.pass(2 * day, hour);
  expect(hub.warnings.join('\n')).toContain('the CNAME of a.example is gone');
});

test('a domain whose certificate was ended on purpose may go', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: ['a.example'],
  });
  await hub.pass(day, hour);
  const version = await hub.store.certificates.newest(certificateName.parse('a.example'));
  if (version === undefined) throw new Error('there is no version');
  const reason = 'cessationOfOperation';
  await hub.store.certificates.revoke(version, { at: hub.time.now(), reason });
  hub.movedAway.add('a.example');
  await hub.pass(3 * day, hour);
  expect(hub.warnings.join('\n')).not.toContain('is gone');
});

test('what cannot be looked up from here is renewed all the same; a new domain waits', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: ['a.example'],
    profile: 'shortlived',
  });
  await hub.pass(hour, hour / 2);
  for (const domain of ['a.example', 'b.example']) hub.silent.add(domain);
  let least = 1;
  await hub.pass(10 * day, hour, async () => {
    least = Math.min(least, await hub.leftOf('a.example'));
  });
  expect(least).toBeGreaterThan(0.4);
  await hub.issue('b.example');
  await hub.pass(day, hour);
  expect(await hub.versions('b.example')).toHaveLength(0);
});

test('gone, and not to be looked up: an authority that sees nothing is asked daily at most', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: ['a.example'],
  });
  await hub.pass(40 * day, 6 * hour);
  hub.silent.add('a.example');
  const [first] = hub.authorities;
  first?.conduct.refused.set('a.example', { at: 'challenge', type: 'dns', detail: 'NXDOMAIN' });
  await hub.pass(25 * day, 6 * hour);
  expect(await hub.versions('a.example')).toHaveLength(1);
  const orders = first?.ledger.orders.length ?? 0;
  expect(orders).toBeGreaterThan(2);
  expect(orders).toBeLessThan(15);
  first?.conduct.refused.clear();
  await hub.pass(2 * day, hour);
  expect(await hub.versions('a.example')).toHaveLength(2);
});
