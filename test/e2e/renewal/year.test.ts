import { expect, test } from 'vitest';
import { day, hour, openSimulator } from './simulator.js';

const certificates = ['a.example', 'b.example', 'c.example', 'd.example'];

test('a year with one authority: renewed in its windows, asked no more often than it says', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first', renewalInfoRetryMs: 12 * hour }],
    certificates,
  });
  let least = 1;
  await hub.pass(365 * day, 3 * hour, async () => {
    for (const name of certificates) least = Math.min(least, await hub.leftOf(name));
  });
  expect(least).toBeGreaterThan(0.3);
  for (const name of certificates) expect(await hub.versions(name)).toHaveLength(7);
  expect(hub.authorities[0]?.conduct.violations).toEqual([]);
  expect(hub.authorities[0]?.ledger.replacements).toBe(6 * certificates.length);
  expect(hub.warnings).toEqual([]);
  expect(hub.told).toEqual([]);
}, 120_000);

test('a year of failing authorities: none within a quarter of its end, the first is returned to', async () => {
  await using hub = await openSimulator({
    authorities: [
      { name: 'first', renewalInfoRetryMs: 12 * hour },
      { name: 'second', renewalInfoRetryMs: undefined },
    ],
    certificates,
  });
  const [first, second] = hub.authorities;
  if (first === undefined || second === undefined) throw new Error('two authorities');
  let least = 1;
  const watch = async (): Promise<void> => {
    for (const name of certificates) least = Math.min(least, await hub.leftOf(name));
  };
  const phases = [
    () => first.conduct.trouble.set('all', { kind: 'busy', retryAfterMs: 3 * hour }),
    () => first.conduct.trouble.set('all', { kind: 'dead' }),
    () =>
      first.conduct.trouble.set('finalize', {
        ...{ kind: 'problem', status: 403, type: 'rejectedIdentifier', detail: 'not this name' },
      }),
    () => {
      second.conduct.trouble.set('all', { kind: 'busy' });
      first.conduct.rejectNonces = 30;
      first.conduct.slowFinalize = 2;
    },
  ] as const;
  await hub.pass(50 * day, 4 * hour, watch);
  for (const phase of phases) {
    phase();
    await hub.pass(65 * day, 4 * hour, watch);
    for (const authority of [first, second]) authority.conduct.trouble.clear();
    await hub.pass(14 * day, 4 * hour, watch);
  }
  // Both work again for longer than a certificate lives, so each is renewed once more.
  await hub.pass(95 * day, 4 * hour, watch);
  expect(least).toBeGreaterThan(0.25);
  const issued = (await hub.versions('a.example')).map(({ authority }) => authority);
  expect(issued).toContain('second');
  expect(issued.at(-1)).toBe('first');
  expect(first.conduct.violations).toEqual([]);
  expect(second.conduct.violations).toEqual([]);
  expect(hub.told, 'what another authority stands in for wakes nobody').toEqual([]);
}, 180_000);
