import { expect, test } from 'vitest';
import { bcryptMatches } from './bcrypt.js';
import { blowfishStart } from './pi-words.js';

test('the first and the last word of pi', () => {
  const { p, s } = blowfishStart();
  expect((p[0] ?? 0) >>> 0).toBe(0x243f6a88);
  expect((s[1_023] ?? 0) >>> 0).toBe(0x3ac372e6);
});

test.each([
  // Vectors of the crypt_blowfish test suite.
  ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', true],
  ['U*U*U', '$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a', true],
  ['', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy', true],
  ['U*V', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', false],
  ['U*U', 'nonsense', false],
  ['U*U', '$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW', false],
])('%j against %s: %s', (password, stored, expected) =>
  expect(bcryptMatches(Buffer.from(password), stored)).toBe(expected),
);
