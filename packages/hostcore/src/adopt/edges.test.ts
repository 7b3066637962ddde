import { expect, test } from 'vitest';
import { readEstate } from '../config/read-estate.js';
import type { Host } from '../domain/host.js';
import { formatAddress } from '../domain/ip-address.js';
import { adopt, type Adopted } from './adopt.js';
import { survey } from './survey.js';

function adopted(
  files: Readonly<Record<string, string>>,
  { release = 'debian 12' }: { readonly release?: string } = {},
): Adopted {
  const found = adopt(survey(new Map(Object.entries(files)), undefined), {
    ...{ hostname: 'merlin', release, domain: undefined, neighbours: new Map() },
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

test('a fresh host of the provider: the card stays outside, br0 is to come', () => {
  const found = adopted(
    {
      '/etc/netplan/01-netcfg.yaml': `network:
  version: 2
  ethernets:
    enp6s0:
      addresses: [81.4.5.6/26, "2a02:8388:7:1::2/64"]
      routes:
        - {to: 0.0.0.0/0, via: 81.4.5.1, on-link: true}
        - {to: default, via: "fe80::1"}
`,
    },
    { release: 'ubuntu 20.04' },
  );
  const host = described(found);
  expect(host).toMatchObject({
    uplink: { mode: 'routed-link-local' },
    inside: { device: 'br0' },
    nat64: undefined,
  });
  expect(host.uplink.mac).toBe('00:24:21:21:ac:99');
  expect(found.assumed.join('\n')).toContain('ubuntu 20.04');
});

test('a router without VMs, to which more than a /64 is routed', () => {
  const found = adopted({
    '/etc/systemd/network/10-wan.network': `[Match]
Name=enp1s0
[Network]
Address=81.4.5.6/26
Gateway=81.4.5.1
Address=2a02:8388:7::2/64
Gateway=fe80::1
NTP=ntp.example.org
[Route]
Destination=2a02:8388:7::/56
Type=unreachable
`,
    '/etc/systemd/network/20-lan.network': `[Match]
Name=lan0
[Network]
Address=2a02:8388:7:1::1/64
IPv6SendRA=yes
[IPv6SendRA]
DNS=2001:4860:4860::6464
[IPv6Prefix]
Prefix=2a02:8388:7:1::/64
`,
  });
  expect(described(found)).toMatchObject({
    uplink: { device: 'enp1s0', mode: 'routed-prefix' },
    inside: { device: 'lan0', bridge: false },
    ra: { engine: 'networkd' },
    links: [],
  });
  expect(found.unread.map(({ text }) => text)).toEqual(['NTP=ntp.example.org']);
});

test("the package's own tayga.conf is no NAT64 in use", () => {
  const found = adopted({
    '/etc/network/interfaces':
      'iface eth0 inet6 static\n  address 2a02:8388:7:1::2/64\n  gateway fe80::1\n',
    '/etc/tayga.conf':
      'tun-device nat64\nipv4-addr 192.168.255.1\nprefix 2001:db8:1:ffff::/96\ndynamic-pool 192.168.255.0/24\n',
  });
  expect(described(found).nat64).toBeUndefined();
  expect(found.unread.map(({ text }) => text)).toEqual(['prefix 2001:db8:1:ffff::/96']);
});

test("the guide's address without its '::' is taken as it was meant", () => {
  const found = adopted({
    '/etc/netplan/a.yaml': `network:
  ethernets:
    eth0: {addresses: ["2a02:8388:7:1::2/64"], gateway6: "fe80::1"}
    eth1: {routes: [{to: "2a02:8388:9:2::/64", via: "fe80:ff:fee1:b"}]}
`,
  });
  const [route] = described(found).routes;
  expect(route?.via && formatAddress(route.via)).toBe('fe80::ff:fee1:b');
  expect(found.unread.map(({ why }) => why).join()).toContain("lacks its '::'");
});

test("a VLAN's routes are not written where the VLAN is not; neighbours behind the router stay behind it", () => {
  const found = adopted({
    '/etc/network/interfaces': `auto enp9s0
iface enp9s0 inet static
  address 95.216.33.7
  netmask 255.255.255.192
  gateway 95.216.33.1
  up route add -net 95.216.33.0 netmask 255.255.255.192 gw 95.216.33.1 dev enp9s0

iface enp9s0 inet6 static
  address 2a01:4f9:3b:1d2::2/64
  gateway fe80::1

iface enp9s0:1 inet static
  address 95.216.33.9/32

iface enp9s0.4000 inet static
  address 10.64.0.3/24
  vlan-raw-device enp9s0
  up ip route add 10.64.0.0/16 via 10.64.0.1 dev enp9s0.4000
`,
  });
  const host = described(found);
  expect([...host.routes, ...host.links]).toEqual([]);
  expect(host.ipv4?.address.length).toBe(32);
  const told = found.unread.map(({ line, text }) => `${line} ${text}`);
  expect(told).toEqual([
    '6 up route add -net 95.216.33.0 netmask 255.255.255.192 gw 95.216.33.1 dev enp9s0',
    '17 vlan-raw-device enp9s0',
  ]);
});

const twoLists = `network:
  ethernets:
    enp6s0:
      addresses: ["2a02:8388:7:1::2/64", 81.4.5.6/32]
      gateway6: fe80::1
      routes: [{to: 0.0.0.0/0, via: 81.4.5.1, on-link: true}]
      nameservers: {addresses: ["2a02:8388::53", "2a02:8388::54"]}
`;

test('name servers of several places are told as put together', () => {
  const bind = `options { forwarders { 2a02:8388::54; 2a02:8388::99; }; dns64 64:ff9b::/96 {}; };\n`;
  const files = { '/etc/netplan/01.yaml': twoLists, '/etc/tayga.conf': 'prefix 64:ff9b::/96\n' };
  const { assumed, toml } = adopted({ ...files, '/etc/bind/named.conf.options': bind });
  expect(toml).toContain('resolvers = ["2a02:8388::53", "2a02:8388::54", "2a02:8388::99"]');
  expect(assumed).toContain(
    'resolvers is what several places name together: enp6s0 has 2a02:8388::53, 2a02:8388::54; /etc/bind/named.conf.options has 2a02:8388::54, 2a02:8388::99',
  );
  const same = bind.replace('2a02:8388::54; 2a02:8388::99', '2a02:8388::53; 2a02:8388::54');
  const agreed = adopted({ ...files, '/etc/bind/named.conf.options': same });
  expect(agreed.assumed.join('\n')).not.toContain('together');
});

test("netplan's old gateway6 is taken, and told with its line", () => {
  const { toml, unread } = adopted({ '/etc/netplan/01.yaml': twoLists });
  expect(toml).toContain('network = "2a02:8388:7:1::/64"');
  expect(unread).toContainEqual({
    ...{ path: '/etc/netplan/01.yaml', line: 5, text: 'enp6s0: gateway6: "fe80::1"', kept: true },
    why: expect.stringContaining('deprecated'),
  });
});

test('a name server of the documentation is not advertised any further; one of its own network is', () => {
  const radvd = (server: string): string =>
    `interface br0 { AdvSendAdvert on; prefix 2a02:8388:7:1::/64 {}; RDNSS ${server} 2a02:8388:7:1::2 {}; };\n`;
  const found = adopted({
    '/etc/netplan/01.yaml': twoLists,
    '/etc/radvd.conf': radvd('2001:db8::53'),
  });
  expect(found.toml).toContain('resolvers = ["2a02:8388:7:1::2"]');
  expect(found.unread.map(({ text }) => text)).toContain('RDNSS 2001:db8::53');
  const lab = {
    '/etc/netplan/01.yaml': twoLists.replaceAll('2a02:8388:7:1:', '2001:db8:7:1:'),
    '/etc/radvd.conf': radvd('2001:db8:7:1::53').replaceAll('2a02:8388', '2001:db8'),
  };
  expect(adopted(lab).toml).toContain('"2001:db8:7:1::53"');
});

test('port 53 is relayed where a rule sends it on; a map alone is told, and opens nothing', () => {
  const files = {
    '/etc/netplan/01.yaml': twoLists,
    '/etc/tayga.conf':
      'prefix 64:ff9b::/96\nipv4-addr 10.0.3.1\ndynamic-pool 10.0.3.0/24\nmap 10.0.3.7 2a02:8388:7:1:5054:ff:fe60:1\n',
    '/etc/libvirt/qemu/ferry.xml':
      "<domain><name>ferry</name><interface type='bridge'><mac address='52:54:00:60:00:01'/><source bridge='br0'/></interface></domain>",
  };
  const alone = adopted(files);
  expect(alone.toml).not.toContain('relay');
  expect(alone.unread.map(({ text }) => text)).toContain(
    'map 10.0.3.7 2a02:8388:7:1:5054:ff:fe60:1',
  );
  const rule =
    'iptables -t nat -A PREROUTING -i br0 -p udp --dport 53 -j DNAT --to-destination 10.0.3.7\n';
  expect(adopted({ ...files, '/etc/rc.local': `# ${rule}` }).toml).not.toContain('relay');
  const nft =
    'table ip sixhub_nat {\n\t\tiifname "br0" ip daddr 81.4.5.6 udp dport 53 dnat to 10.0.3.7\n}\n';
  expect(adopted({ ...files, '/etc/sixhub/nftables.nft': nft }).toml).toContain('to = "ferry"');
  const relayed = adopted({ ...files, '/etc/rc.local': rule });
  expect(relayed.toml).toContain('[host.merlin.relay]\nto = "ferry"\nas = "10.0.3.7"');
});

test('of two addresses the host keeps the one that is advertised as name server', () => {
  const files = {
    '/etc/netplan/01.yaml': `network:
  bridges:
    br0:
      interfaces: [enp7s0]
      addresses: [95.217.33.10/26, "2a02:8388:7:1::2/64", "2a02:8388:7:1:7d5:33:beef:91/64"]
      routes: [{to: 0.0.0.0/0, via: 95.217.33.1}, {to: "::/0", via: "fe80::1"}]
`,
    '/etc/bind/named.conf.options':
      'options { forwarders { 2a02:8388::53; }; dns64 64:ff9b::/96 {}; };\n',
    '/etc/tayga.conf': 'prefix 64:ff9b::/96\nipv6-addr 2a02:8388:7:1:135d:6:4b27:5f\n',
    '/etc/radvd.conf':
      'interface br0 { AdvSendAdvert on; prefix 2a02:8388:7:1::/64 {}; RDNSS 2a02:8388:7:1:7d5:33:beef:91 {}; };\n',
  };
  const host = described(adopted(files));
  expect(formatAddress(host.ipv6.address)).toBe('2a02:8388:7:1:7d5:33:beef:91');
  expect(host.ra?.resolvers).toEqual([host.ipv6.address]);
  const { '/etc/radvd.conf': _, ...silent } = files;
  expect(formatAddress(described(adopted(silent)).ipv6.address)).toBe('2a02:8388:7:1::2');
});

test('what was advertised for ever is told as what it becomes: the prefix with other lifetimes than the route', () => {
  const { unread } = adopted({
    '/etc/netplan/01.yaml': twoLists,
    '/etc/radvd.conf':
      'interface br0 { AdvSendAdvert on; prefix 2a02:8388:7:1::/64 { AdvValidLifetime infinity; }; route 64:ff9b::/96 { AdvRouteLifetime infinity; }; };\n',
  });
  const why = (key: string): string | undefined =>
    unread.find(({ text }) => text.startsWith(key))?.why;
  expect(why('AdvRouteLifetime')).toContain('three intervals');
  expect(why('AdvValidLifetime')).toMatch(/^rendered with one that lapses/);
});
