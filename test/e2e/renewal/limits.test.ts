import { certificateName } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { hour, openSimulator, type Simulator } from './simulator.js';

const minute = 60_000;
const rules = {
  limits: {
    failures: { count: 5, withinMs: hour },
    'same-names': { count: 2, withinMs: 24 * hour },
  },
  replacementsAreFree: true,
} as const;

/** What the certificate's latest issuance told last. */
async function lastWord({ store }: Simulator, certificate: string) {
  const issuance = await store.issuances.newestOf(certificateName.parse(certificate));
  return issuance && store.issuances.newestStep(issuance.id);
}

const noRecord = { at: 'challenge', type: 'dns', detail: 'no TXT record' } as const;

test('failed validations are counted: however often a person asks, no more than five and one each 12 minutes', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: [],
    rules,
  });
  const [first] = hub.authorities;
  if (first === undefined) throw new Error('one authority');
  first.conduct.refused.set('a.example', noRecord);
  const failed = (): number =>
    first.ledger.authorizations.filter(({ status }) => status === 'invalid').length;
  const begun = hub.time.now().getTime();
  const told: string[] = [];
  await hub.pass(3 * hour, minute, async () => {
    await hub.issue('a.example');
    // Apex and wildcard: two at a time.
    const back = Math.floor((hub.time.now().getTime() - begun) / (12 * minute));
    expect(failed()).toBeLessThanOrEqual(5 + back);
    told.push(JSON.stringify(await lastWord(hub, 'a.example')));
  });
  // As many tries as that leaves, and no fewer.
  expect(failed()).toBeGreaterThanOrEqual(5 + 15 - 2);
  const words = told.find((one) => one.includes('failed validations'));
  expect(words).toContain('first: its limit of 5 failed validations of a.example within 1h');
  expect(words).toMatch(/the next try fits at ([^"]+)".*"retryAt":"\1"/);

  first.conduct.refused.clear();
  await hub.pass(25 * hour, hour);
  expect(await hub.versions('a.example'), 'it goes on by itself, with the daily try').toHaveLength(
    1,
  );
});

test('orders that came to nothing are no certificates: only those that were issued count', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: [],
    rules,
  });
  const [first] = hub.authorities;
  if (first === undefined) throw new Error('one authority');
  first.conduct.refused.set('a.example', noRecord);
  await hub.pass(6 * hour, minute, () => hub.issue('a.example'));
  expect(first.ledger.orders.length).toBeGreaterThan(10);
  first.conduct.refused.clear();
  await hub.pass(hour, minute);
  expect(await hub.versions('a.example')).toHaveLength(1);
});

test('a renewal that replaces is exempt, and is no longer told to wait', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: [],
    rules,
  });
  for (let made = 0; made < 4; made++) {
    await hub.issue('a.example');
    await hub.pass(minute, minute);
  }
  expect(await hub.versions('a.example')).toHaveLength(4);
});
