import { expect, test } from 'vitest';
import { isWorthAnotherAuthority, planRetry } from './retry.js';

const minute = 60_000;

test.each([
  ['busy', 1, undefined, 1 * minute],
  ['busy', 2, undefined, 10 * minute],
  ['busy', 3, undefined, 100 * minute],
  ['busy', 4, undefined, 1_440 * minute],
  ['busy', 90, undefined, 1_440 * minute],
  ['rate-limited', 1, 3 * 60 * minute, 180 * minute],
  ['rate-limited', 3, minute, 100 * minute],
  ['account-unknown', 1, undefined, 0],
  ['account-unknown', 2, undefined, 10 * minute],
  ['account-unknown', 2, 60 * minute, 60 * minute],
  ['rejected-identifier', 1, undefined, undefined],
] as const)(
  '%s, failure %i, Retry-After %s: again after %s ms',
  (kind, failures, after, expected) => {
    expect(planRetry(kind, failures, after).afterMs).toBe(expected);
  },
);

test.each([
  ['busy', 1, true],
  ['paused', 1, true],
  ['incorrect-response', 1, false],
  ['incorrect-response', 2, true],
  ['slow', 1, false],
  ['slow', 2, true],
  // Another one's clock tells whose is wrong.
  ['wrong-clock', 1, true],
] as const)('%s, failure %i: another authority at once is %s', (kind, failures, expected) => {
  expect(isWorthAnotherAuthority(kind, failures)).toBe(expected);
});

test('what an authority is done with in days only is asked of another one at once', () => {
  expect(isWorthAnotherAuthority('slow', 1, 7 * 24 * 60 * minute)).toBe(true);
  expect(isWorthAnotherAuthority('slow', 1, 30 * minute)).toBe(false);
});
