import { expect, test } from 'vitest';
import type { Limit } from '../../authority/limits.js';
import { day, hour, openSimulator, type Simulator, type SimulatorOptions } from './simulator.js';

/** The hub knows the authority's limits, and has counted before it asks: the authority never has to refuse. */
async function openCounting(
  limit: Limit,
  more: Partial<SimulatorOptions> & { readonly replacementsAreFree?: boolean } = {},
): Promise<Simulator> {
  const { replacementsAreFree = false, ...rest } = more;
  return openSimulator({
    authorities: [{ name: 'first', limits: [limit], renewalInfoRetryMs: day }],
    certificates: [],
    rules: { limits: { [counted[limit.per]]: limit }, replacementsAreFree },
    ...rest,
  });
}

/** What the hub calls what the authority limits. */
const counted = {
  account: 'orders',
  'same-names': 'same-names',
  'registered-domain': 'domain',
  'failed-authorizations': 'failures',
} as const;

async function issuedOf(hub: Simulator, names: readonly string[]): Promise<number> {
  const all = await Promise.all(names.map((name) => hub.versions(name)));
  return all.filter((versions) => versions.length > 0).length;
}

function neverRefused({ authorities }: Simulator): void {
  for (const { conduct } of authorities) {
    expect(conduct.limited).toEqual([]);
    expect(conduct.violations).toEqual([]);
  }
}

test('orders of an account: counted, told with the time of the next, and made when it comes', async () => {
  await using hub = await openCounting({ per: 'account', count: 3, withinMs: 3 * hour });
  const names = ['a.example', 'b.example', 'c.example', 'd.example', 'e.example'];
  for (const name of names) {
    await hub.issue(name);
    await hub.pass(hour / 6, hour / 6);
  }
  expect(await issuedOf(hub, names)).toBe(3);
  const fits = new Date('2027-01-01T01:00:00Z').toISOString();
  expect(hub.warnings.join('\n')).toContain(
    `first: its limit of 3 new orders within 3h is used up by the hub's own count, so it was not asked; one comes back every 1h, and the next try fits at ${fits}`,
  );
  await hub.issue('d.example');
  expect(await issuedOf(hub, names), 'not even a person may hurry it').toBe(3);
  await hub.pass(hour / 3, hour / 6);
  expect(await issuedOf(hub, names)).toBe(4);
  await hub.pass(hour, hour / 6);
  expect(await issuedOf(hub, names)).toBe(5);
  neverRefused(hub);
});

test('many at once: the last place is given once', async () => {
  await using hub = await openCounting({ per: 'account', count: 10, withinMs: 3 * hour });
  const names = Array.from({ length: 24 }, (_, index) => `n${index}.example`);
  await Promise.all(names.map((name) => hub.issue(name)));
  expect(await issuedOf(hub, names)).toBe(10);
  await hub.pass(5 * hour, hour / 2);
  expect(await issuedOf(hub, names)).toBe(24);
  neverRefused(hub);
});

test('an order that was refused takes no place', async () => {
  await using hub = await openCounting({ per: 'account', count: 1, withinMs: 3 * hour });
  const [authority] = hub.authorities;
  const refused = { at: 'new-order', type: 'rejectedIdentifier', detail: 'not this' } as const;
  authority?.conduct.refused.set('a.example', refused);
  await hub.issue('a.example');
  await hub.issue('b.example');
  expect(await hub.versions('b.example')).toHaveLength(1);
  neverRefused(hub);
});

test('the count survives a restart', async () => {
  await using hub = await openCounting({ per: 'account', count: 2, withinMs: 3 * hour });
  const names = ['a.example', 'b.example', 'c.example'];
  for (const name of names.slice(0, 2)) await hub.issue(name);
  await hub.restart();
  await hub.issue('c.example');
  expect(await issuedOf(hub, names)).toBe(2);
  await hub.restart();
  await hub.pass(hour, hour / 2);
  expect(await issuedOf(hub, names)).toBe(2);
  await hub.pass(hour, hour / 2);
  expect(await issuedOf(hub, names)).toBe(3);
  neverRefused(hub);
});

test('certificates of the same names: the sixth waits until one comes back; others do not', async () => {
  await using hub = await openCounting({ per: 'same-names', count: 5, withinMs: 7 * day });
  for (let turn = 0; turn < 6; turn++) {
    await hub.issue('a.example');
    await hub.pass(hour, hour);
  }
  expect(await hub.versions('a.example')).toHaveLength(5);
  await hub.issue('b.example');
  expect(await hub.versions('b.example')).toHaveLength(1);
  expect(hub.warnings.join('\n')).toContain(
    'its limit of 5 certificates for the same names within 7d is used up',
  );
  await hub.pass(day, 2 * hour);
  expect(await hub.versions('a.example')).toHaveLength(5);
  await hub.pass(day / 2, 2 * hour);
  expect(await hub.versions('a.example')).toHaveLength(6);
  neverRefused(hub);
});

test('certificates below a registered domain are counted together', async () => {
  await using hub = await openCounting({ per: 'registered-domain', count: 3, withinMs: 7 * day });
  const names = ['one', 'two', 'three', 'four'].map((label) => `${label}.shared.example`);
  for (const name of [...names, 'other.example']) await hub.issue(name);
  expect(await issuedOf(hub, names)).toBe(3);
  expect(await hub.versions('other.example')).toHaveLength(1);
  await hub.pass(2 * day, 6 * hour);
  expect(await issuedOf(hub, names)).toBe(3);
  await hub.pass(day, 6 * hour);
  expect(await issuedOf(hub, names)).toBe(4);
  neverRefused(hub);
});

test('what replaces is free: a full account is no reason to be late', async () => {
  await using hub = await openCounting(
    { per: 'account', count: 2, withinMs: 320 * day },
    { replacementsAreFree: true, certificates: ['a.example', 'b.example'] },
  );
  await hub.issue('c.example');
  expect(await hub.versions('c.example')).toHaveLength(0);
  await hub.pass(150 * day, day);
  expect(await hub.versions('a.example')).toHaveLength(3);
  expect(await hub.versions('c.example')).toHaveLength(0);
  expect(hub.authorities[0]?.ledger.replacements).toBe(4);
  await hub.pass(15 * day, day);
  expect(await hub.versions('c.example')).toHaveLength(1);
  neverRefused(hub);
});

test('limits that the hub does not know: refused once each, and not asked again before it fits', async () => {
  const limits: readonly Limit[] = [
    { per: 'account', count: 4, withinMs: 3 * hour },
    { per: 'registered-domain', count: 2, withinMs: 7 * day },
  ];
  await using hub = await openSimulator({
    authorities: [{ name: 'first', limits, renewalInfoRetryMs: day }],
    certificates: [],
  });
  const names = ['one.shared.example', 'two.shared.example', 'three.shared.example'];
  for (const name of names) await hub.issue(name);
  expect(await issuedOf(hub, names)).toBe(2);
  await hub.issue('other.example');
  expect(await hub.versions('other.example'), 'one domain’s limit holds up no other').toHaveLength(
    1,
  );
  for (const name of ['f.example', 'g.example', 'h.example']) await hub.issue(name);
  await hub.pass(8 * day, 2 * hour);
  expect(await issuedOf(hub, [...names, 'f.example', 'g.example', 'h.example'])).toBe(6);
  expect(hub.authorities[0]?.conduct.violations).toEqual([]);
});
