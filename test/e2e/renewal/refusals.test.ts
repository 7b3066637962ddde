import { expect, test } from 'vitest';
import type { Trouble } from '../../authority/conduct.js';
import { day, hour, openSimulator, type Simulator } from './simulator.js';

const name = 'a.example';

async function openAt(
  count: 1 | 2,
  more: { readonly ahead?: () => number } = {},
): Promise<Simulator> {
  return openSimulator({
    authorities: ['first', 'second']
      .slice(0, count)
      .map((one) => ({ name: one, renewalInfoRetryMs: day, ...more })),
    certificates: [],
  });
}

function first({ authorities }: Simulator) {
  const [authority] = authorities;
  if (authority === undefined) throw new Error('there is an authority');
  return authority;
}

test('a name that it does not issue for: the name and its words are told, and the next authority is asked', async () => {
  await using hub = await openAt(2);
  const refused = {
    at: 'new-order',
    type: 'rejectedIdentifier',
    detail: 'on a list of ours',
  } as const;
  first(hub).conduct.refused.set(name, refused);
  await hub.issue(name);
  expect(hub.warnings.join('\n')).toContain(`${name}: on a list of ours`);
  expect((await hub.versions(name)).map(({ authority }) => authority)).toEqual(['second']);
});

test('CAA that is met at the end only: told with its name, tried again, and issued with the same order', async () => {
  await using hub = await openAt(1);
  const { conduct, ledger } = first(hub);
  conduct.refused.set(name, { at: 'finalize', type: 'caa', detail: 'CAA record forbids issuance' });
  await hub.issue(name);
  expect(hub.warnings.join('\n')).toContain(`${name}: CAA record forbids issuance`);
  expect(hub.warnings.join('\n')).toContain('"problem":"caa"');
  await hub.pass(5 * hour, hour);
  expect(await hub.versions(name)).toHaveLength(0);
  conduct.refused.clear();
  await hub.pass(day, hour);
  expect(await hub.versions(name)).toHaveLength(1);
  expect(ledger.orders).toHaveLength(1);
});

test('new terms to agree to: what the authority says is told, and the other one issues meanwhile', async () => {
  await using hub = await openAt(2);
  const { conduct } = first(hub);
  conduct.trouble.set('new-order', {
    ...{ kind: 'problem', status: 403, type: 'userActionRequired' },
    detail: 'Terms of service have changed; see https://first.test/terms',
  });
  await hub.issue(name);
  expect(hub.warnings.join('\n')).toContain('see https://first.test/terms');
  expect((await hub.versions(name)).map(({ authority }) => authority)).toEqual(['second']);
  conduct.trouble.clear();
  await hub.pass(70 * day, day);
  expect((await hub.versions(name)).at(-1)?.authority).toBe('first');
});

test.each([
  // 1, 10, 100 minutes, then daily.
  ['without Retry-After', undefined, 8],
  ['with Retry-After of two days', 2 * day, 3],
])('429 %s: asked no more often than that in five days', async (_what, retryAfterMs, atMost) => {
  await using hub = await openAt(1);
  const { conduct, ledger } = first(hub);
  const plenty = 1_000;
  const trouble: Trouble = {
    ...({ kind: 'problem', status: 429, type: 'rateLimited', detail: 'too many' } as const),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    times: plenty,
  };
  conduct.trouble.set('new-order', trouble);
  await hub.issue(name);
  await hub.pass(5 * day, 2 * hour);
  const asked = plenty - (trouble.times ?? 0);
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThanOrEqual(atMost);
  expect(conduct.violations).toEqual([]);
  conduct.trouble.clear();
  await hub.pass(2 * day, hour);
  expect(await hub.versions(name)).toHaveLength(1);
  expect(ledger.orders).toHaveLength(1);
});

test('what was replaced by another’s hand is renewed all the same, in one go', async () => {
  await using hub = await openAt(1);
  const { ledger } = first(hub);
  await hub.issue(name);
  await hub.pass(57 * day, day);
  const [id] = ledger.certificates.keys();
  const [account] = ledger.accounts;
  if (account === undefined) throw new Error('there is an account');
  const when = { now: hub.time.now().getTime(), reuse: { validMs: 0, pending: false } };
  ledger.open(account, [name, `*.${name}`], { profile: 'classic', replaces: id }, when);
  await hub.pass(5 * day, day);
  expect(await hub.versions(name)).toHaveLength(2);
  expect(ledger.orders.map(({ replaces }) => replaces)).toEqual([undefined, id, undefined]);
});

test('a wrong TXT value seen by the authority: never five failures of a name in an hour', async () => {
  await using hub = await openSimulator({
    authorities: [
      {
        name: 'first',
        limits: [{ per: 'failed-authorizations', count: 5, withinMs: hour }],
        renewalInfoRetryMs: day,
      },
    ],
    certificates: [],
  });
  const { conduct } = first(hub);
  conduct.refused.set(name, { at: 'challenge', type: 'dns', detail: 'SERVFAIL' });
  await hub.issue(name);
  await hub.pass(3 * day, hour);
  expect(conduct.limited).toEqual([]);
  conduct.refused.clear();
  await hub.pass(2 * day, hour);
  expect(await hub.versions(name)).toHaveLength(1);
});

test.each([
  ['behind', 'by its Date', 365 * day],
  ['ahead', 'by its Date', -365 * day],
  ['behind', 'by what it issues', 365 * day],
  ['ahead', 'by what it issues', -365 * day],
])(
  'a hub whose clock is a year %s, seen %s: it says so, stores nothing, and goes on when it is set right',
  async (_what, how, aheadMs) => {
    let ahead = aheadMs;
    await using hub = await openAt(1, { ahead: () => ahead });
    const { conduct, ledger } = first(hub);
    // An authority whose Date agrees with ours, whatever ours is.
    if (how === 'by what it issues') conduct.clockAheadMs = -aheadMs;
    await hub.issue(name);
    await hub.pass(3 * day, hour);
    expect(await hub.versions(name)).toHaveLength(0);
    expect(hub.warnings.join('\n')).toMatch(
      how === 'by its Date'
        ? /this machine's clock is 365 days/
        : /is this machine's clock right\?/,
    );
    expect(ledger.orders.length, 'not a new order at each look').toBeLessThanOrEqual(5);
    ahead = 0;
    conduct.clockAheadMs = 0;
    hub.time.setTo(hub.time.now().getTime() + aheadMs);
    await hub.pass(2 * day, hour);
    expect(await hub.versions(name)).toHaveLength(1);
  },
);

test('a certificate obtained while the clock was 70 days ahead is renewed once, like any other', async () => {
  let ahead = -70 * day;
  await using hub = await openAt(1, { ahead: () => ahead });
  const { conduct, ledger } = first(hub);
  conduct.clockAheadMs = -ahead;
  await hub.issue(name);
  expect(await hub.versions(name)).toHaveLength(1);
  ahead = 0;
  conduct.clockAheadMs = 0;
  hub.time.setTo(hub.time.now().getTime() - 70 * day);
  await hub.pass(66 * day, day);
  expect(ledger.certificates.size).toBe(2);
  expect(await hub.leftOf(name), 'the newest is what was issued last').toBeGreaterThan(0.9);
});

test.each([
  ['what only a person can mend', 'rejectedIdentifier'],
  ['what is tried again at once', 'accountDoesNotExist'],
] as const)('Retry-After of %s is obeyed as well', async (_what, type) => {
  await using hub = await openAt(1);
  const { conduct } = first(hub);
  conduct.trouble.set('new-order', {
    ...({ kind: 'problem', status: 403, type, detail: 'not now' } as const),
    ...{ retryAfterMs: 3 * day, times: 3 },
  });
  await hub.issue(name);
  await hub.issue(name);
  await hub.pass(2.5 * day, hour);
  await hub.issue(name);
  expect(conduct.violations).toEqual([]);
});
