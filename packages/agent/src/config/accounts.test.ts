import { expect, it } from 'vitest';
import { findAccount, parseAccountFile } from './accounts.js';

const users = parseAccountFile(
  'root:x:0:0:root:/root:/bin/bash\nhaproxy:x:107:114::/var/lib/haproxy:/usr/sbin/nologin\n+::::::\nhalf:x\n',
);

it('finds the number of a name, and takes a number for itself', () => {
  expect([...users]).toEqual([
    ['root', 0],
    ['haproxy', 107],
  ]);
  expect(findAccount(users, 'haproxy')).toBe(107);
  expect(findAccount(users, '1000')).toBe(1000);
  expect(findAccount(users, 'half')).toBeUndefined();
  expect(findAccount(users, undefined)).toBeUndefined();
});
