import { describe, expect, test } from 'vitest';
import { readEstate } from '../config/read-estate.js';
import type { Host } from '../domain/host.js';
import { formatAddress } from '../domain/ip-address.js';
import { formatNetwork } from '../domain/ip-network.js';
import { adopt, type Adopted } from './adopt.js';
import { survey } from './survey.js';

function adopted(
  files: Readonly<Record<string, string>>,
  around: {
    readonly release?: string;
    readonly neighbours?: readonly (readonly [string, string])[];
  } = {},
): Adopted {
  const found = adopt(survey(new Map(Object.entries(files)), undefined), {
    hostname: 'merlin',
    release: around.release ?? 'debian 12',
    domain: 'example.org',
    neighbours: new Map(around.neighbours ?? []),
    cardMac: () => '00:24:21:21:ac:99',
  });
  if (found === undefined) throw new Error('nothing was found');
  return found;
}

function described(found: Adopted): Host {
  const { hosts, complaints } = readEstate('host.toml', found.toml);
  expect(complaints).toEqual([]);
  const [host] = hosts;
  if (host === undefined) throw new Error(found.toml);
  return host;
}

const tayga = `tun-device nat64
data-dir /var/spool/tayga
prefix 64:ff9b::/96
ipv6-addr 2a02:8388:7:1:14a5:69be:7e23:89
ipv4-addr 192.168.255.1
dynamic-pool 192.168.255.0/24
`;
const named = `options {
        directory "/var/cache/bind";
        forwarders {
                2a02:8388::53;  # the provider's
        };
        dnssec-validation auto;
        auth-nxdomain no;    # conform to RFC1035
        listen-on {};
        listen-on-v6 { 2a02:8388:7:1::/64; };
        allow-query { localnets; };
        max-cache-ttl 60;
        dns64 64:ff9b::/96 {
                clients { any; };
        };
};
`;
const radvd = `interface br0 {
        AdvSendAdvert on;
        AdvDefaultPreference high;
        prefix 2a02:8388:7:1::/64 {
                AdvOnLink on;
                AdvRouterAddr on;
        };
        RDNSS 2a02:8388:7:1:abcd::17 {};
        route 64:ff9b::/96 { AdvRouteLifetime infinity; };
};
interface eth1 {
  AdvSendAdvert on;
  AdvDefaultLifetime 0;
  route 2a02:8388:7:1::/64 { AdvRouteLifetime infinity; };
};
`;
const rcLocal = `#!/bin/bash
ebtables -t nat -A POSTROUTING -j snat --to-src 0c:c4:7a:01:02:03
exit 0
`;
const web = `<domain type='kvm'><name>web</name><memory unit='KiB'>4194304</memory><vcpu placement='static'>8</vcpu>
<devices><interface type='bridge'><mac address='52:54:00:12:34:56'/><source bridge='br0'/></interface></devices></domain>`;

const daemons = {
  '/etc/tayga.conf': tayga,
  '/etc/bind/named.conf.options': named,
  '/etc/radvd.conf': radvd,
  '/etc/rc.local': rcLocal,
  '/etc/fstab': 'none /tmp tmpfs size=2g 0 0\n',
  '/etc/group': 'libvirt:x:120:dh,you\n',
  '/etc/libvirt/qemu/web.xml': web,
};

const netplan = `### installimage
network:
  version: 2
  renderer: networkd
  ethernets:
    enp6s0:
      dhcp4: false
      dhcp6: false
    eth1:
      dhcp6: no
      routes:
        - to: 2a02:8388:9:2::/64
          via: fe80::ff:fee1:b
  bridges:
    br0:
      dhcp4: false
      accept-ra: false
      macaddress: 0c:c4:7a:01:02:03
      interfaces:
        - enp6s0
      addresses:
        - 81.4.5.6/32
        - "2a02:8388:7:1:abcd::17/64"
      routes:
        - on-link: true
          to: 0.0.0.0/0
          via: 81.4.5.1
        - to: 81.4.9.9
          via: 81.4.5.6
      gateway6: fe80::1
      nameservers:
        addresses: [ 2a02:8388::53 ]
`;

describe('a host that was set up by the guide', () => {
  test('with netplan', () => {
    const found = adopted(
      { ...daemons, '/etc/netplan/01-netcfg.yaml': netplan },
      { neighbours: [['81.4.9.9', '52:54:00:12:34:56']] },
    );
    const host = described(found);
    expect(host).toMatchObject({
      ...{ name: 'merlin', domain: 'example.org', manager: 'netplan' },
      uplink: { device: 'enp6s0', mac: '0c:c4:7a:01:02:03', mode: 'bridged' },
      inside: { device: 'br0', bridge: true },
      dns64: { engine: 'bind', validate: true },
      ra: { engine: 'radvd' },
      extras: { tmpSize: '2g', libvirtUsers: ['dh', 'you'] },
      vms: [{ name: 'web', mac: '52:54:00:12:34:56', memory: 4096, cpus: 8 }],
    });
    expect(formatAddress(host.ipv6.address)).toBe('2a02:8388:7:1:abcd::17');
    expect(host.ipv4 && formatAddress(host.ipv4.gateway)).toBe('81.4.5.1');
    expect(host.nat64 && formatAddress(host.nat64.ipv6)).toBe('2a02:8388:7:1:14a5:69be:7e23:89');
    expect(host.vms.map(({ ipv4 }) => ipv4 && formatAddress(ipv4))).toEqual(['81.4.9.9']);
    expect(host.ra?.resolvers.map(formatAddress)).toEqual(['2a02:8388:7:1:abcd::17']);
    // The guide advertises no search domain, and the host has one.
    expect(host.ra?.search).toEqual([]);
    expect(host.routes.map(({ to, device }) => `${formatNetwork(to)} ${device}`)).toEqual([
      '2a02:8388:9:2::/64 eth1',
    ]);
    expect(host.links).toMatchObject([{ device: 'eth1', accept: false }]);
    expect(host.links[0]?.announce.map(formatNetwork)).toEqual(['2a02:8388:7:1::/64']);
    const told = found.unread.map(({ path, line, text }) => `${path}:${line} ${text}`);
    expect(told).toContain('/etc/bind/named.conf.options:11 max-cache-ttl 60');
    expect(told).toContain('/etc/radvd.conf:6 AdvRouterAddr on');
    expect(told.join('\n')).toContain('/etc/rc.local:2 ebtables');
  });

  test('with networkd, as it was before', () => {
    const found = adopted({
      ...daemons,
      '/etc/systemd/network/19-br0.netdev':
        '[NetDev]\nName=br0\nKind=bridge\nMACAddress=0c:c4:7a:01:02:03\n\n[Bridge]\nSTP=true\n',
      '/etc/systemd/network/20-br0-bind.network': '[Match]\nName=eno1\n\n[Network]\nBridge=br0\n',
      '/etc/systemd/network/21-br0-conf.network': `[Match]
Name=br0

[Network]
Address=2a02:8388:7:1:abcd::17/64
Gateway=fe80::1  // This is always the router
Gateway=81.4.5.1
IPv6AcceptRA=no

[Address]
Address=81.4.5.6
Peer=81.4.5.1/32

[Address]
Address=81.4.5.6
Peer=81.4.9.9
`,
    });
    const host = described(found);
    expect(host).toMatchObject({
      manager: 'networkd',
      uplink: { device: 'eno1', mac: '0c:c4:7a:01:02:03', mode: 'bridged' },
    });
    // Its name server stands in named.conf.options alone.
    expect(host.resolvers.map(formatAddress)).toEqual(['2a02:8388::53']);
    expect(host.routes.map(({ to }) => formatNetwork(to))).toEqual(['81.4.9.9/32']);
    expect(found.unread.map(({ text }) => text)).toContain('81.4.9.9');
  });

  test('with ifupdown, which is taken over', () => {
    const found = adopted({
      ...daemons,
      '/etc/network/interfaces': `source /etc/network/interfaces.d/*
auto lo
iface lo inet loopback

auto br0
iface br0 inet static
  bridge_ports enp6s0
  bridge_stp off
  bridge_fd 0
  hwaddress ether 0c:c4:7a:01:02:03
  address 81.4.5.6
  netmask 255.255.255.255
  pointopoint 81.4.5.1
  gateway 81.4.5.1
  up ip route add 81.4.9.9/32 dev br0
  post-up ethtool -K enp6s0 tso off

iface br0 inet6 static
  address 2a02:8388:7:1:abcd::17
  netmask 64
  gateway fe80::1
  accept_ra 0
  up sysctl -w net.ipv6.conf.all.forwarding=1
`,
    });
    const host = described(found);
    expect(host).toMatchObject({
      manager: 'networkd',
      uplink: { device: 'enp6s0', mac: '0c:c4:7a:01:02:03', mode: 'bridged' },
    });
    expect(found.assumed.join('\n')).toContain('ifupdown has the network; networkd takes it over');
    expect(found.unread.map(({ text }) => text)).toContain('post-up ethtool -K enp6s0 tso off');
    expect(host.routes.map(({ to }) => formatNetwork(to))).toEqual(['81.4.9.9/32']);
  });
});

test('no network: nothing is adopted', () => {
  expect(survey(new Map(), undefined).concluded).toBeUndefined();
});
