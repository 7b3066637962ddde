import { expect, test } from 'vitest';
import { AttemptLimit, networkOf } from './attempt-limit.js';

const at = (seconds: number): Date => new Date(seconds * 1_000);

test('a key has its share of a window, and the next window another', () => {
  const limit = new AttemptLimit({ attempts: 2, inAll: 100, perMs: 60_000 });
  expect([1, 2, 3].map((second) => limit.allow('a', at(100 + second)))).toEqual([
    true,
    true,
    false,
  ]);
  expect(limit.allow('b', at(104))).toBe(true);
  expect(limit.allow('a', at(200))).toBe(true);
});

test('many keys do not get more than all may have', () => {
  const limit = new AttemptLimit({ attempts: 2, inAll: 3, perMs: 60_000 });
  expect(['a', 'b', 'c', 'd'].map((key) => limit.allow(key, at(100)))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', ':0:0:0::/64'],
])('%s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
