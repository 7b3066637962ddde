import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mustBe, openLab, runCommand, type Lab } from '../../lab/index.js';
import { writeLabFile } from '../../lab/host-machine.js';

/** Hosts with more in their network files than host.toml has words for: nothing of it goes unsaid. */

const netplan = `network:
  version: 2
  renderer: networkd
  ethernets:
    enp7s0:
      mtu: 9000
      wakeonlan: true
    eno2:
      addresses: [172.22.4.1/24]
  vlans:
    backup:
      id: 42
      link: enp7s0
      addresses: [10.42.0.7/24]
  bonds:
    bond0: {interfaces: [eno3, eno4], parameters: {mode: 802.3ad}}
  wifis:
    wlp3s0:
      access-points:
        cellar: {password: "correct horse"}
  bridges:
    br0:
      accept-ra: false
      macaddress: 9c:6b:00:11:22:33
      interfaces: [enp7s0, eno5]
      parameters: {stp: true, ageing-time: 20}
      addresses:
        - 88.198.51.77/32
        - 88.198.51.90/32
        - "2a01:4f8:221:8c4:e1:52:9:7/64"
        - "2a01:4f8:221:8c4::2/64"
      routes:
        - {on-link: true, to: 0.0.0.0/0, via: 88.198.51.65}
        - {to: 10.0.0.0/8, via: 88.198.51.70, metric: 50}
      routing-policy:
        - {from: 10.42.0.0/24, table: 42}
      gateway6: fe80::1
      nameservers:
        addresses: ["2a01:4ff:ff00::add:1"]
        search: [cellar.example]
`;

const interfaces = `source /etc/network/interfaces.d/*
auto lo
iface lo inet loopback

auto br0
iface br0 inet static
  address 88.198.51.77/26
  gateway 88.198.51.65
  bridge_ports enp7s0
  hwaddress ether 9c:6b:00:11:22:33
  bridge_stp on
  pre-up iptables-restore < /etc/iptables.rules
  up ip addr add 88.198.51.90/32 dev br0
  up ip route add 88.198.51.91/32 dev br0
  up route add -net 88.198.51.64 netmask 255.255.255.192 gw 88.198.51.65 dev br0
  post-up ethtool -K enp7s0 tso off
  dns-search cellar.example

iface br0 inet6 static
  address 2a01:4f8:221:8c4:e1:52:9:7/64
  gateway fe80::1

auto br0.42
iface br0.42 inet static
  address 10.42.0.7/24
  vlan-raw-device br0

auto wlp3s0
iface wlp3s0 inet dhcp
  wpa-ssid cellar
  wpa-psk correct-horse
`;

const networkd = {
  'etc/systemd/network/19-br0.netdev':
    '[NetDev]\nName=br0\nKind=bridge\nMACAddress=9c:6b:00:11:22:33\n[Bridge]\nSTP=true\n',
  'etc/systemd/network/20-br0-bind.network':
    '[Match]\nName=enp7s0\n[Link]\nMTUBytes=9000\n[Network]\nBridge=br0\nVLAN=backup\n',
  'etc/systemd/network/21-br0-conf.network': `[Match]
Name=br0
[Network]
Address=2a01:4f8:221:8c4:e1:52:9:7/64
Address=2a01:4f8:221:8c4::2/64
Gateway=fe80::1
Gateway=88.198.51.65
IPv6AcceptRA=no
DHCP=ipv4
Domains=cellar.example
[Address]
Address=88.198.51.77
Peer=88.198.51.65/32
[Route]
Destination=10.0.0.0/8
Gateway=88.198.51.70
Table=7
`,
  'etc/systemd/network/21-br0-conf.network.d/mtu.conf': '[Link]\nMTUBytes=1400\n',
  'etc/systemd/network/30-wg.netdev':
    '[NetDev]\nName=wg0\nKind=wireguard\n[WireGuard]\nPrivateKey=c2VjcmV0\n',
};

const usual = {
  'etc/hostname': 'kestrel\n',
  'etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
};

interface Change {
  readonly path: string;
  readonly action: string;
  readonly lost?: readonly {
    readonly line?: number;
    readonly text: string;
    readonly why: string;
  }[];
}

/** What adopt says, and what the plan of what it wrote takes away. */
async function adoptAndPlan(
  lab: Lab,
  files: Readonly<Record<string, string>>,
): Promise<{ said: string; text: string; lost: readonly string[] }> {
  for (const [path, text] of Object.entries({ ...usual, ...files })) {
    await writeLabFile(lab, `root/${path}`, text);
  }
  const where = ['-c', join(lab.directory, 'host.toml'), '--root', join(lab.directory, 'root')];
  const words = [...where, '--files-only'];
  // The card's MAC address is the kernel's to tell, where no file does.
  const { stderr } = await runCommand('hostcore', ['adopt', ...words]);
  const { stdout: text } = await mustBe(0, await runCommand('hostcore', ['plan', ...words]));
  const { stdout } = await mustBe(0, await runCommand('hostcore', ['plan', ...words, '--json']));
  const changes: readonly Change[] = JSON.parse(stdout).files;
  const lost = changes
    .filter(({ action }) => action === 'set-aside')
    .flatMap(({ path, lost = [] }) =>
      lost.map((one) => `${path.replace(/^.*\//, '')}:${one.line ?? ''} ${one.text}`),
    );
  return { said: stderr, text, lost };
}

test("netplan's VLANs, bonds, Wi-Fi, MTU, further addresses and routes are named before the file goes", async () => {
  await using lab = await openLab();
  const { said, text, lost } = await adoptAndPlan(lab, { 'etc/netplan/01-netcfg.yaml': netplan });
  const file = '01-netcfg.yaml';
  expect(lost).toEqual([
    `${file}:6 enp7s0: mtu: 9000`,
    `${file}:7 enp7s0: wakeonlan: true`,
    `${file}:11 vlans: backup: {"id":42,"link":"enp7s0","addresses":["10.42.0.7/24"]}`,
    `${file}:16 bonds: bond0: {"interfaces":["eno3","eno4"],"parameters":{"mode":"802.3ad"}}`,
    `${file}:18 wifis: wlp3s0: …`,
    `${file}:26 br0: stp: true`,
    `${file}:26 br0: ageing-time: 20`,
    `${file}:29 br0: address 88.198.51.90/32`,
    `${file}:31 br0: address 2a01:4f8:221:8c4::2/64`,
    `${file}:34 br0: routes: {"to":"10.0.0.0/8","metric":50}`,
    `${file}:35 br0: routing-policy: [{"from":"10.42.0.0/24","table":42}]`,
    `${file}:40 br0: search: ["cellar.example"]`,
  ]);
  expect(text).toContain('12 things are lost with files that are replaced or go out of the way');
  expect(text).toContain('lost line 31: br0: address 2a01:4f8:221:8c4::2/64');
  // adopt has said the same, and the Wi-Fi's password is nowhere.
  expect(said.replaceAll(/\s+/g, ' ')).toContain(
    ':31: br0: address 2a01:4f8:221:8c4::2/64: host.toml does not',
  );
  expect(said + text).not.toContain('horse');
});

test("ifupdown's commands, VLANs and other files are named before they go", async () => {
  await using lab = await openLab();
  const { said, text, lost } = await adoptAndPlan(lab, {
    'etc/network/interfaces': interfaces,
    'etc/network/interfaces.d/storage':
      'auto eno2\niface eno2 inet static\n  address 172.22.4.1/24\n',
    'etc/network/interfaces.d/backup': 'iface enp7s0.7 inet static\n  address 10.7.0.7/24\n',
    'etc/network/if-pre-up.d/firewall': '#!/bin/sh\n',
    'etc/network/if-up.d/ethtool': '#!/bin/sh\n',
  });
  expect(lost).toEqual([
    'interfaces:11 bridge_stp on',
    'interfaces:12 pre-up iptables-restore < /etc/iptables.rules',
    'interfaces:13 br0: address 88.198.51.90/32',
    'interfaces:16 post-up ethtool -K enp7s0 tso off',
    'interfaces:17 dns-search cellar.example',
    'interfaces:23 br0.42: 10.42.0.7/24',
    'interfaces:26 vlan-raw-device br0',
    'interfaces:28 wlp3s0',
    'interfaces:29 iface wlp3s0 inet dhcp',
    'interfaces:30 wpa-ssid cellar',
    'interfaces:31 wpa-psk …',
    'interfaces: /etc/network/if-pre-up.d/firewall',
    // It names nothing of ours; but with ifupdown switched off nobody reads it.
    'backup:1 enp7s0.7: 10.7.0.7/24',
  ]);
  expect(said + text).not.toContain('correct-horse');
});

test("networkd's settings, tables and drop-ins are named before they go", async () => {
  await using lab = await openLab();
  const { text, lost } = await adoptAndPlan(lab, networkd);
  expect(lost).toEqual([
    '19-br0.netdev:6 STP=true',
    '20-br0-bind.network:4 MTUBytes=9000',
    '20-br0-bind.network:7 VLAN=backup',
    '21-br0-conf.network:5 br0: address 2a01:4f8:221:8c4::2/64',
    '21-br0-conf.network:9 DHCP=ipv4',
    '21-br0-conf.network:10 Domains=cellar.example',
    '21-br0-conf.network:17 Table=7',
    '21-br0-conf.network: /etc/systemd/network/21-br0-conf.network.d/mtu.conf',
  ]);
  // Nothing of ours is in its way: it stays.
  expect(text).not.toContain('30-wg.netdev: set aside');
  expect(text).not.toContain('c2VjcmV0');
});

test('init says it as well', async () => {
  await using lab = await openLab();
  for (const [path, text] of Object.entries({ ...usual, 'etc/netplan/01-netcfg.yaml': netplan })) {
    await writeLabFile(lab, `root/${path}`, text);
  }
  const config = join(lab.directory, 'host.toml');
  const words = ['init', '-c', config, '--root', join(lab.directory, 'root'), '--files-only'];
  const { stderr } = await mustBe(0, await runCommand('hostcore', words, { input: '' }));
  expect(stderr).toContain('not taken: /etc/netplan/01-netcfg.yaml:6: enp7s0: mtu: 9000');
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain('br0: address 2a01:4f8:221:8c4::2/64');
});
