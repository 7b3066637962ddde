import { expect, test } from 'vitest';
import { formatNetwork } from '../domain/ip-network.js';
import { readIfupdown } from './ifupdown.js';
import { Devices, type Unread } from './reading.js';

const interfaces = `auto eno1
iface eno1 inet static
    address 138.201.55.21
    netmask 255.255.255.192
    gateway 138.201.55.1
    up route add -net 138.201.55.0 netmask 255.255.255.192 gw 138.201.55.1 dev eno1
    up route add -net 10.20.0.0 netmask 255.255.0.0 gw 138.201.55.9
    up route add -host 138.201.60.9 dev br0
    up route add -net 10.30.0.0 gw 138.201.55.9
    down route del -net 10.20.0.0 netmask 255.255.0.0
iface eno1 inet6 static
    address 2a02:8388:7:1::2/128
    gateway fe80::1
auto br0
iface br0 inet6 static
    address 2a02:8388:7:1::2/64
    bridge_ports none
    up ip -6 route add 2a02:8388:9:1::/64 via fe80::ff:fee1:b dev eno2
`;

test("routes are their device's, whoever's stanza they stand in, and none is swallowed", () => {
  const devices = new Devices();
  const unread: Unread[] = [];
  readIfupdown('/etc/network/interfaces', interfaces, devices, unread);
  const routes = [...devices.all.values()].flatMap(({ name, routes: own }) =>
    own.filter(({ to }) => to.length > 0).map(({ to }) => `${formatNetwork(to)} ${name}`),
  );
  expect(routes.toSorted()).toEqual([
    '10.20.0.0/16 eno1',
    '138.201.60.9/32 br0',
    '2a02:8388:9:1::/64 eno2',
  ]);
  // The provider's own is rendered in other words; a network of which nothing says how large it is can't be taken.
  expect(unread.map(({ line, kept }) => [line, kept])).toEqual([
    [6, true],
    [9, undefined],
  ]);
});
