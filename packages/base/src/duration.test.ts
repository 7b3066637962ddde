import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.js';

test.each([
  ['0', 0],
  ['90s', 90_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['7d', 604_800_000],
  ['', undefined],
  ['5', undefined],
  ['1h 30m', undefined],
  ['-5s', undefined],
  ['1y', undefined],
])('%j is %s ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each([
  [120, '120ms'],
  [45_000, '45s'],
  [3_600_000, '1h'],
  [7_199_000, '1h 59m'],
  [183_600_000, '2d 3h'],
])('%i ms reads %s', (milliseconds, expected) => {
  expect(formatDuration(milliseconds)).toBe(expected);
});
