import { expect, it } from 'vitest';
import { later, noon } from '../testing/samples.js';
import { retryAt, stillWaiting } from './backoff.js';

it('waits 1, 10, 100 minutes, then a day', () => {
  const minutes = [1, 2, 3, 4, 9].map(
    (failures) => (retryAt(failures, noon).getTime() - noon.getTime()) / 60_000,
  );
  expect(minutes).toEqual([1, 10, 100, 1_440, 1_440]);
});

it('ends, and does not believe a wait that no back-off has made', () => {
  expect(stillWaiting(later(1).toISOString(), noon)).toBe(true);
  expect(stillWaiting(noon.toISOString(), noon)).toBe(false);
  expect(stillWaiting(later(25).toISOString(), noon)).toBe(false);
  expect(stillWaiting(undefined, noon)).toBe(false);
});
