import { expect, test } from 'vitest';
import { orderFitsAt, rulesOf, type OrderLimit } from './order-limits.js';

const start = Date.parse('2026-11-24T00:00:00Z');
const minute = 60_000;

/** The history as a list: what a store answers from an index. */
function fitsAt(limit: OrderLimit, orders: readonly number[], now: number): number {
  const newestFirst = orders.toSorted((one, other) => other - one);
  const at = newestFirst[limit.count - 1];
  const nthNewest = at === undefined ? undefined : new Date(at);
  return orderFitsAt([{ limit, nthNewest }], new Date(now)).getTime();
}

test('no more orders in any window than the limit says, and never a wait that was not needed', () => {
  const limit: OrderLimit = { per: 'account', count: 5, withinMs: 60 * minute };
  const orders: number[] = [];
  let now = start;
  for (let made = 0; made < 40; made++) {
    now = fitsAt(limit, orders, now);
    orders.push(now);
    now += minute;
  }
  for (const at of orders) {
    const inWindow = orders.filter((other) => other > at - limit.withinMs && other <= at).length;
    expect(inWindow).toBeLessThanOrEqual(5);
  }
  expect(orders[5]).toBe(start + 60 * minute);
});

test("Let's Encrypt's limits are known, another authority has none that we know", () => {
  expect(rulesOf('acme-v02.api.letsencrypt.org').orderLimits).toHaveLength(3);
  expect(rulesOf('acme.example.org').orderLimits).toEqual([]);
});
