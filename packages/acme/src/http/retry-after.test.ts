import { expect, test } from 'vitest';
import { parseRetryAfter } from './retry-after.js';

const now = Date.parse('2026-11-23T12:00:00Z');

test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Mon, 23 Nov 2026 12:01:00 GMT', 60_000],
  ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
  ['1080000', 300 * 3_600_000],
  ['99999999', 366 * 86_400_000],
  ['9'.repeat(400), 366 * 86_400_000],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
])('%s is %s ms', (header, expected) => {
  expect(parseRetryAfter(header, now)).toBe(expected);
});
