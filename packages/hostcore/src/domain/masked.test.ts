import { expect, test } from 'vitest';
import { masked } from './masked.js';

test.each([
  ['wpa-psk correct-horse', 'wpa-psk …'],
  ['wireless-key s:horse', 'wireless-key …'],
  ['PrivateKey=aG9yc2U=', 'PrivateKey=…'],
  ['PresharedKey = aG9yc2U=', 'PresharedKey = …'],
  [
    'auth: {"key-management":"802.1x","password":"horse"}',
    'auth: {"key-management":"802.1x","password":"…',
  ],
  ['  secret "aG9yc2U=";', '  secret "…'],
  ['up ip route add 10.0.0.0/8 via 10.1.1.1', 'up ip route add 10.0.0.0/8 via 10.1.1.1'],
  ['# what passes through the host', '# what passes through the host'],
  ['key "rndc" {', 'key "…'],
])('%s', (line, shown) => {
  expect(masked(line)).toBe(shown);
});
