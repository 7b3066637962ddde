import { expect, test } from 'vitest';
import { Network } from './network.js';

test.each([
  ['10.0.0.0/8', '10.1.1.1', true],
  ['10.0.0.0/8', '::ffff:10.1.1.1', true],
  ['10.0.0.0/8', '11.0.0.1', false],
  ['192.0.2.128/25', '192.0.2.127', false],
  ['2001:db8::/33', '2001:db8:7fff::1', true],
  ['2001:db8::/33', '2001:db8:8000::1', false],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['::/0', '203.0.113.9', false],
  ['[2001:db8::]/32', '2001:db8::1%eth0', true],
])('%s has %s: %s', (network, address, expected) =>
  expect(Network.parse(network)?.contains(address)).toBe(expected),
);

test.each(['10.0.0.1', '10.0.0.0/33', '10.0.0/8', '::/129', 'x/8', '10.0.0.0/-1', ''])(
  '%j is none',
  (text) => expect(Network.parse(text)).toBeUndefined(),
);

test('is given back as written, without brackets', () => {
  expect(Network.parse('[2001:DB8::]/32')?.text).toBe('2001:DB8::/32');
});
