import { expect, test } from 'vitest';
import { nextSerial } from './serial.js';

test('is the time, but always greater than the last, also around 2^32', () => {
  expect(nextSerial(0, 1_700_000_000)).toBe(1_700_000_000);
  expect(nextSerial(1_700_000_000, 1_700_000_000)).toBe(1_700_000_001);
  expect(nextSerial(1_800_000_000, 1_700_000_000)).toBe(1_800_000_001);
  expect(nextSerial(2 ** 32 - 1, 2 ** 32 - 5)).toBe(0);
});
