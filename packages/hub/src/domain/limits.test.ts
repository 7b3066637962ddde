import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chargesOfFailures,
  chargesOfOrder,
  fitsAt,
  fullAfter,
  fullAfterReturn,
  refillMs,
  rulesOf,
  type Limit,
} from './limits.js';

const start = Date.parse('2026-11-24T00:00:00Z');
const minute = 60_000;
const day = 86_400_000;

/** The authority's side: a bucket that counts what is in it, in the milliseconds that it took to come. */
class Bucket {
  #level: number;
  #at = start;
  readonly #limit: Limit;

  constructor(limit: Limit) {
    this.#limit = limit;
    this.#level = limit.withinMs;
  }

  has(tokens: number, now: number): boolean {
    return this.#levelAt(now) >= tokens * refillMs(this.#limit);
  }

  take(tokens: number, now: number): void {
    this.#level = this.#levelAt(now) - tokens * refillMs(this.#limit);
    this.#at = now;
  }

  #levelAt(now: number): number {
    return Math.min(this.#limit.withinMs, this.#level + now - this.#at);
  }
}

/** As all that are known, with a token each so many whole milliseconds. */
const limits = fc
  .record({ count: fc.integer({ min: 1, max: 50 }), refill: fc.integer({ min: 1, max: day }) })
  .map(({ count, refill }): Limit => ({ count, withinMs: count * refill }));
/** What is wanted, and how long after what was before. */
const wishes = fc.array(
  fc.record({
    tokens: fc.integer({ min: 1, max: 3 }),
    afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: day })),
  }),
  { maxLength: 120 },
);

describe('a limit', () => {
  test('never makes the authority refuse, and never waits longer than it would', () => {
    fc.assert(
      fc.property(limits, wishes, (limit, wanted) => {
        const bucket = new Bucket(limit);
        let now = start;
        let fullAt: Date | undefined;
        for (const { tokens: asked, afterMs } of wanted) {
          const tokens = Math.min(asked, limit.count);
          now += afterMs;
          const fits = fitsAt(limit, tokens, fullAt, new Date(now)).getTime();
          if (fits > now) expect(bucket.has(tokens, fits - 1)).toBe(false);
          now = fits;
          expect(bucket.has(tokens, now)).toBe(true);
          bucket.take(tokens, now);
          fullAt = fullAfter(limit, tokens, fullAt, new Date(now));
        }
      }),
    );
  });

  test('lets through, in any window, a full bucket and what comes back meanwhile, and no more', () => {
    fc.assert(
      fc.property(limits, wishes, (limit, wanted) => {
        const taken: number[] = [];
        let now = start;
        let fullAt: Date | undefined;
        for (const { afterMs } of wanted) {
          now = fitsAt(limit, 1, fullAt, new Date(now + afterMs)).getTime();
          fullAt = fullAfter(limit, 1, fullAt, new Date(now));
          taken.push(now);
        }
        taken.forEach((from, first) => {
          taken.slice(first).forEach((to, later) => {
            const most = limit.count + (to - from) / refillMs(limit);
            expect(later + 1).toBeLessThanOrEqual(most);
          });
        });
      }),
    );
  });

  test('has what was put back again', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 50 }), (limit, taken) => {
        const now = new Date(start);
        const before = fullAfter(limit, taken, undefined, now);
        const after = fullAfterReturn(limit, 1, fullAfter(limit, 1, before, now));
        expect(after).toEqual(before);
      }),
    );
  });

  test('of which more is wanted than there ever is waits for all there is', () => {
    const limit = { count: 5, withinMs: 60 * minute };
    const fullAt = fullAfter(limit, 1, undefined, new Date(start));
    expect(fitsAt(limit, 9, fullAt, new Date(start)).getTime()).toBe(start + 12 * minute);
  });
});

test("Let's Encrypt's limits: what comes back when", () => {
  const { limits: known, replacementsAreFree } = rulesOf('acme-v02.api.letsencrypt.org');
  const refills = Object.entries(known).map(([kind, limit]) => [kind, refillMs(limit) / 1_000]);
  expect(Object.fromEntries(refills)).toEqual({
    orders: 36,
    domain: 12_096,
    'same-names': 120_960,
    failures: 720,
    accounts: 1_080,
  });
  expect(replacementsAreFree).toBe(true);
  expect(rulesOf('acme.example.org').limits).toEqual({});
});

test('an order takes from one bucket a registered domain; its names may fail twice where apex and wildcard are in it', () => {
  const names = ['*.example.org', 'example.org', 'mail.example.net'];
  const domainOf = (name: string): string => name.split('.').slice(-2).join('.');
  const { order, certificates } = chargesOfOrder(names, domainOf);
  expect(order).toEqual([{ kind: 'orders', subject: '', tokens: 1 }]);
  expect(certificates).toEqual([
    { kind: 'domain', subject: 'example.org', tokens: 1 },
    { kind: 'domain', subject: 'example.net', tokens: 1 },
    { kind: 'same-names', subject: '*.example.org example.org mail.example.net', tokens: 1 },
  ]);
  expect(chargesOfFailures(names)).toEqual([
    { kind: 'failures', subject: 'example.org', tokens: 2 },
    { kind: 'failures', subject: 'mail.example.net', tokens: 1 },
  ]);
});
