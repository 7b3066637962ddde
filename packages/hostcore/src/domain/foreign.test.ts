import { expect, test } from 'vitest';
import { sha256 } from '../config/read-estate.js';
import { render } from '../render/render.js';
import { foreignManagers } from './foreign.js';
import { hostOf } from '../testing/sample-host.js';

const toml = `[host.merlin]
release = "debian12"
uplink = {device = "eno1", mac = "00:24:21:21:ac:99"}
ipv6 = {network = "2a01:4f8:1:3::/64", address = "2a01:4f8:1:3::17"}
`;

function found(path: string, text: string): readonly string[] {
  const host = hostOf(toml);
  const own = render(host, 'host.toml', sha256).map((file) => [file.path, file.text] as const);
  return foreignManagers(host, new Map([...own, [path, text]])).map(
    ({ manager, devices, line }) => `${manager} ${devices.join('+')} ${line}`,
  );
}

test.each([
  [
    '/etc/netplan/a.yaml',
    'network:\n  ethernets:\n    eno1:\n      dhcp4: true\n',
    ['netplan eno1 3'],
  ],
  [
    '/etc/netplan/a.yaml',
    'network:\n  ethernets:\n    nic0:\n      set-name: eno1\n',
    ['netplan eno1 4'],
  ],
  [
    '/etc/netplan/a.yaml',
    'x:\n  nic0:\n    match: {macaddress: "00:24:21:21:AC:99"}\n',
    ['netplan eno1 3'],
  ],
  ['/etc/netplan/a.yaml', 'x:\n  # eno1:\n  eno2:\n    dhcp4: true\n', []],
  ['/etc/systemd/network/a.network', '[Match]\nName=en*\n', ['networkd eno1 2']],
  ['/etc/systemd/network/a.network', '[Match]\nName=!eno1 ens*\n', []],
  [
    '/etc/systemd/network/a.network',
    '[Match]\nMACAddress=00:24:21:21:ac:99\n',
    ['networkd eno1 2'],
  ],
  ['/etc/systemd/network/a.netdev', '[NetDev]\nName=br0\n', ['networkd br0 2']],
  // The address that the bridge is to have, as the guide writes it, is no match of the card.
  [
    '/etc/systemd/network/a.netdev',
    '[NetDev]\nName=br0\nKind=bridge\nMACAddress=00:24:21:21:ac:99\n',
    ['networkd br0 2'],
  ],
  [
    '/etc/systemd/network/a.network',
    '[Match]\nName=lan0\n[Link]\nMACAddress=00:24:21:21:ac:99\n',
    [],
  ],
  [
    '/etc/netplan/a.yaml',
    'network:\n  bridges:\n    br0:\n      macaddress: 00:24:21:21:ac:99\n',
    ['netplan br0 3'],
  ],
  [
    '/etc/netplan/a.yaml',
    'x:\n  nic0:\n    match:\n      # the card\n      macaddress: 00:24:21:21:ac:99\n',
    ['netplan eno1 5'],
  ],
  ['/etc/network/interfaces', 'auto eno1\niface eno1 inet dhcp\n', ['ifupdown eno1 2']],
  ['/etc/network/interfaces', 'iface eno10 inet dhcp\n', []],
  [
    '/etc/NetworkManager/system-connections/a.nmconnection',
    'interface-name=eno1\n',
    ['NetworkManager eno1 1'],
  ],
])('%s, %j', (path, text, expected) => {
  expect(found(path, text)).toEqual(expected);
});
