import { expect, test } from 'vitest';
import { waitOf } from './prefer.js';

test.each([
  [undefined, 0],
  ['', 0],
  ['wait=20', 20],
  ['Wait = 20', 20],
  ['respond-async, wait="20"; extra', 20],
  ['wait=20, wait=5', 20],
  ['wait=4000', 300],
  ['wait=-1', 0],
  ['wait', 0],
  ['wait=soon', 0],
  ['await=20', 0],
])('%j is %i seconds', (header, seconds) => {
  expect(waitOf(header, 300)).toBe(seconds);
});
