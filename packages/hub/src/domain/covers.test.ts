import { expect, test } from 'vitest';
import { covers } from './covers.js';

test.each([
  ['hub.example.org', true],
  ['HUB.example.org.', true],
  ['example.org', true],
  ['a.b.example.org', false],
  ['example.net', false],
  ['org', false],
  ['', false],
])('a certificate for example.org and its wildcard shown to %j: %s', (host, shown) => {
  expect(covers(['example.org', '*.example.org'], host)).toBe(shown);
});
