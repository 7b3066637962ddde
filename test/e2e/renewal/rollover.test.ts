import { expect, test } from 'vitest';
import { openSimulator } from './simulator.js';

const minute = 60_000;

test('the account gets a new key while an order is under way: the order goes on with it, and nothing is told', async () => {
  await using hub = await openSimulator({ authorities: [{ name: 'first' }], certificates: [] });
  const [authority] = hub.authorities;
  if (authority === undefined) throw new Error('there is an authority');
  authority.conduct.slowFinalize = 5;
  await hub.issue('a.example');
  expect(await hub.versions('a.example')).toHaveLength(0);
  await hub.accounts.get('first')?.rollover(new AbortController().signal);
  await hub.pass(minute, minute);
  expect(await hub.versions('a.example')).toHaveLength(1);
  expect(authority.ledger.orders).toHaveLength(1);
  expect(hub.warnings).toEqual([]);
});
