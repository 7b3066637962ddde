import { expect, it } from 'vitest';
import { localAddresses, loopbacks } from './local-addresses.js';

const ifInet6 = `fd000000000000000000000000000002 02 40 00 80     eth0
00000000000000000000000000000001 01 80 10 80       lo
`;
const fibTrie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 192.0.2.0
        /24 link UNICAST
     |-- 192.0.2.2
        /32 host LOCAL
     |-- 192.0.2.255
        /32 link BROADCAST
`;

it('knows the addresses of this machine', () => {
  const local = localAddresses(ifInet6, fibTrie, false);
  const asked = ['fd00::2', 'fd00:0::2', '::1', 'fd00::3', '192.0.2.2', '192.0.2.255', '127.9.9.9'];
  expect(asked.filter((address) => local.has(address))).toEqual([
    ...['fd00::2', 'fd00:0::2', '::1', '192.0.2.2', '127.9.9.9'],
  ]);
});

it('takes any address apart into what is reached here', () => {
  const both = { v4: true, v6: true };
  expect(loopbacks(both, localAddresses(ifInet6, fibTrie, false))).toEqual(['::1', '127.0.0.1']);
  expect(loopbacks(both, localAddresses('', fibTrie, false))).toEqual(['127.0.0.1']);
  expect(loopbacks(both, localAddresses(undefined, undefined, false))).toHaveLength(2);
});
