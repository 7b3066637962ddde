import { expect, test } from 'vitest';
import { aheadOfLeaving } from './leaving.js';

test('IPv6 and its addresses are at a card before it leaves its bridge; what has to wait waits', () => {
  const commands = [
    'sysctl -q -w net/ipv6/conf/eno1/disable_ipv6=0',
    'sysctl -q -w net/ipv6/conf/eno1/autoconf=0',
    'ip link set dev eno1 nomaster',
    'ip address replace 2a01:4f8:1:3::2/64 dev eno1 nodad',
    'ip address replace 2a01:4f8:1:3::1/64 dev br0 nodad',
    'ip address replace 45.67.90.10/32 dev eno1',
  ];
  expect(aheadOfLeaving(commands)).toEqual([commands[0], commands[3]]);
  expect(aheadOfLeaving(commands.filter((one) => !one.includes('nomaster')))).toEqual([]);
});
