import { expect, test } from 'vitest';
import { addressText, ipv6Text } from './ip-address.js';

test('addresses as RFC 5952 writes them', () => {
  expect(ipv6Text(Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Uint8Array(11), 1))).toBe('2001:db8::1');
  expect(ipv6Text(new Uint8Array(16))).toBe('::');
  expect(addressText(Uint8Array.of(192, 0, 2, 1))).toBe('192.0.2.1');
});
