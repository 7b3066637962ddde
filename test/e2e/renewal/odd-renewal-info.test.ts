import { expect, test } from 'vitest';
import { day, hour, openSimulator } from './simulator.js';

interface Oddity {
  readonly name: string;
  readonly text: (issued: { readonly notBefore: Date; readonly notAfter: Date }) => string;
  readonly retryAfter?: string;
  /** At most so many orders for the certificate. */
  readonly orders: number;
}

const window = (start: string, end: string): string =>
  JSON.stringify({ suggestedWindow: { start, end } });
const past = window('2020-01-01T00:00:00Z', '2020-01-02T00:00:00Z');

/** By lifetime alone a certificate of 90 days is renewed every 56 to 60 days. */
const usual = 4;
const lookedAt = 200 * day;
const tick = 12 * hour;

const oddities: readonly Oddity[] = [
  {
    name: 'a window of no length',
    text: ({ notBefore }) => window(notBefore.toISOString(), notBefore.toISOString()),
    retryAfter: '0',
    orders: usual,
  },
  {
    name: 'a window that ends before it starts',
    text: ({ notBefore, notAfter }) => window(notAfter.toISOString(), notBefore.toISOString()),
    retryAfter: '-1',
    orders: usual,
  },
  {
    name: 'a window years after the end',
    text: () => window('2090-01-01T00:00:00Z', '2091-01-01T00:00:00Z'),
    retryAfter: '315360000',
    orders: usual,
  },
  {
    name: 'a window that opens with the lifetime and ends years after it',
    text: ({ notBefore }) => window(notBefore.toISOString(), '9999-12-31T23:59:59Z'),
    retryAfter: 'Thu, 01 Jan 1970 00:00:00 GMT',
    orders: usual,
  },
  { name: 'no dates', text: () => window('NaN', 'soon'), retryAfter: '1e9', orders: usual },
  { name: 'nothing in it', text: () => '{}', orders: usual },
  { name: 'a page', text: () => '<html>', retryAfter: '0', orders: usual },
  // It withdraws whatever it issues: replaced twice at once, then once a day, never in a circle.
  { name: 'a window that is always over', text: () => past, retryAfter: '0', orders: 204 },
];

test.each(oddities)(
  '200 days of $name',
  async ({ text, retryAfter, orders }) => {
    await using hub = await openSimulator({
      authorities: [{ name: 'first' }],
      certificates: ['a.example'],
    });
    const [first] = hub.authorities;
    if (first === undefined) throw new Error('one authority');
    let asked = 0;
    first.conduct.renewalInfo = (issued) => {
      asked += 1;
      return { text: text(issued), ...(retryAfter === undefined ? {} : { retryAfter }) };
    };
    let least = 1;
    await hub.pass(lookedAt, tick, async () => {
      least = Math.min(least, await hub.leftOf('a.example'));
    });
    expect(least).toBeGreaterThan(0.25);
    expect(first.ledger.orders.length).toBeLessThanOrEqual(orders);
    // Never more than once a tick, and once for each new certificate.
    expect(asked).toBeLessThanOrEqual(lookedAt / tick + 2 * orders);
    expect(asked).toBeGreaterThan(lookedAt / (2 * day));
  },
  120_000,
);
