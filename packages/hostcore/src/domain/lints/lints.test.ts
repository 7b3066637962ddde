import { describe, expect, test } from 'vitest';
import { readEstate } from '../../config/read-estate.js';
import type { Facts, Kernel } from '../facts.js';
import type { Host } from '../host.js';
import { parseInterfaced, type Interfaced } from '../ip-network.js';
import { lint, unjudged, type Finding } from '../lint.js';
import { lints } from './index.js';

const usual = `[host.merlin]
release = "debian12"
resolvers = ["2a01:4f8:0:1::53"]
uplink = {device = "eno1", mac = "00:24:21:21:ac:99"}
ipv6 = {network = "2a01:4f8:1:3::/64", seed = "0123456789abcdef"}
ipv4 = {address = "45.67.90.10", gateway = "45.67.90.1"}
vm.web.mac = "52:54:00:12:34:56"
vm.mail.mac = "52:54:00:ab:cd:ef"
`;
const services = 'nat64 = {}\ndns64 = {}\nra = {}\n';

function host(toml: string): Host {
  const { hosts, complaints } = readEstate('host.toml', toml);
  expect(complaints).toEqual([]);
  const [first] = hosts;
  if (first === undefined) throw new Error(toml);
  return first;
}

function interfaced(text: string): Interfaced {
  const parsed = parseInterfaced(text);
  if (parsed === undefined) throw new Error(text);
  return parsed;
}

const card = {
  ...{ name: 'eno1', mac: '00:24:21:21:ac:99', kind: undefined, master: undefined, up: true },
  addresses: [],
};
const bridge = { ...card, name: 'br0', mac: '02:00:00:00:00:01', kind: 'bridge' };
const rules = { chains: [], ours: new Map(), wanted: undefined, bridgeRules: [] };

function facts(kernel: Partial<Kernel> = {}, rest: Partial<Facts> = {}): Facts {
  const whole: Kernel = {
    ...{ devices: [card, bridge], routes: [], sysctls: new Map(), rules: undefined },
    ...{ listeners: [], session: undefined, proxied: new Set<string>() },
    ...kernel,
  };
  return {
    ...{ release: 'debian 12', hostname: 'merlin', packages: undefined, files: new Map() },
    kernel: whole,
    ...rest,
  };
}

function findings(toml: string, of: Facts): readonly Finding[] {
  return lint(lints, host(toml), of);
}

test('a host as it should be has nothing against it', () => {
  expect(findings(`${usual}${services}`, facts())).toEqual([]);
});

describe('of the description', () => {
  test.each([
    ['documentation-address', usual.replace('2a01:4f8:0:1::53', '2001:db8::53') + services],
    ['documentation-address', `${usual}ra = {resolvers = ["2001:db8::6464"]}\n`],
    ['unroutable-address', usual.replace('2a01:4f8:1:3::/64', 'fd00:1:2:3::/64')],
    ['ipv4-not-ours', usual.replace('ab:cd:ef"', 'ab:cd:ef"\nvm.mail.ipv4 = "45.67.91.7"')],
    ['guessable-address', usual.replace(', seed = "0123456789abcdef"', '')],
    [
      'prefix-not-64',
      `${usual}inside.network = "2a01:4f8:1:3::/80"\nipv6.address = "2a01:4f8:1:3::9"\n`.replace(
        'ipv6 = {network = "2a01:4f8:1:3::/64", seed = "0123456789abcdef"}\n',
        'ipv6.network = "2a01:4f8:1:3::/64"\n',
      ),
    ],
    [
      'well-known-prefix-private-ipv4',
      `${usual}nat64 = {}\nlink.eth1.addresses = ["192.168.7.1/24"]\n`,
    ],
    ['tayga-refuses-prefix', `${usual}nat64.prefix = "64:ff9b:1::/96"\ndns64 = {}\n`],
    ['short-lifetime', `${usual}ra = {lifetime = 600}\n`],
    ['pref64-unknown', `${usual}nat64 = {}\ndns64 = {}\nra = {pref64 = "always"}\n`],
    ['open-resolver', `${usual}nat64 = {}\ndns64 = {clients = ["::/0"]}\n`],
    [
      'forwarder-is-self',
      `${usual.replace('seed = "0123456789abcdef"', 'address = "2a01:4f8:1:3::9"')}nat64 = {}\ndns64 = {forwarders = ["2a01:4f8:1:3::9"]}\n`,
    ],
    [
      'external-dns64-prefix',
      `${usual}nat64 = {prefix = "2a01:4f8:1:9::/96"}\nra = {resolvers = ["2001:4860:4860::6464"]}\n`,
    ],
    ['nobody-to-ask', `${usual.replace('resolvers = ["2a01:4f8:0:1::53"]\n', '')}ra = {}\n`],
    ['nobody-answers', `${usual}nat64 = {}\ndns64 = {}\nra = {resolvers = ["2a01:4f8:1:3::77"]}\n`],
  ])('%s', (id, toml) => {
    const found = findings(toml, facts());
    expect(found.map((one) => one.id)).toContain(id);
    for (const { fact, remedy, reason, clause } of found) {
      expect([fact, remedy, reason, clause]).not.toContain('');
    }
  });
});

describe('of the machine', () => {
  const whole = `${usual}${services}`;
  const chain = { family: 'ip', table: 'filter', name: 'FORWARD', hook: 'forward', policy: 'drop' };
  const dynamic = {
    ...interfaced('2a01:4f8:1:3:abc::1/64'),
    scope: 'global',
    dynamic: true,
    duplicate: false,
  };
  const files = (path: string, text: string): Partial<Facts> => ({
    files: new Map([[path, text]]),
  });
  test.each<readonly [string, Facts]>([
    ['device-missing', facts({ devices: [{ ...card, name: 'enp2s0' }] })],
    ['mac-mismatch', facts({ devices: [{ ...card, mac: '00:24:21:21:ac:98' }, bridge] })],
    ['other-host', facts({}, { hostname: 'morgana' })],
    [
      'vm-mac-mismatch',
      facts(
        {},
        files(
          '/etc/libvirt/qemu/web.xml',
          "<interface type='bridge'><mac address='52:54:00:12:34:57'/><source bridge='br0'/></interface>",
        ),
      ),
    ],
    [
      'vm-elsewhere',
      facts(
        {},
        files(
          '/etc/libvirt/qemu/web.xml',
          "<interface type='network'><mac address='52:54:00:12:34:56'/><source network='default'/></interface>",
        ),
      ),
    ],
    ['other-release', facts({}, { release: 'debian 13' })],
    ['package-missing', facts({}, { packages: new Map([['radvd', '1:2.19-1']]) })],
    [
      'two-on-port-53',
      facts({ listeners: [{ protocol: 'udp', address: '*', port: 53, program: 'dnsmasq' }] }),
    ],
    ['two-on-port-53', facts({}, { packages: new Map([['dnsmasq', '2.90']]) })],
    [
      'tayga-without-ipv6-addr',
      facts({}, files('/etc/tayga.conf', 'prefix 64:ff9b::/96\nipv4-addr 192.168.255.1\n')),
    ],
    ['short-lifetime', facts({}, files('/etc/radvd.conf', 'interface br0 { RDNSS 2a01::1 {}; };'))],
    ['own-ra-accepted', facts({ sysctls: new Map([['net/ipv6/conf/br0/accept_ra', '2']]) })],
    ['own-ra-accepted', facts({ devices: [card, { ...bridge, addresses: [dynamic] }] })],
    ['leak', facts({ devices: [{ ...card, master: 'br0' }, bridge], rules })],
    ['ra-between-vms', facts({ rules })],
    ['forward-dropped', facts({ rules: { ...rules, chains: [chain] } })],
    [
      'bridge-netfilter',
      facts({ sysctls: new Map([['net/bridge/bridge-nf-call-ip6tables', '1']]) }),
    ],
    [
      'duplicate-address',
      facts({ devices: [{ ...card, addresses: [{ ...dynamic, duplicate: true }] }, bridge] }),
    ],
  ])('%s', (id, found) => {
    expect(findings(whole, found).map((one) => one.id)).toContain(id);
  });

  describe('who configures the network', () => {
    const interfaces = ['/etc/network/interfaces', 'auto eno1\niface eno1 inet dhcp\n'] as const;
    const netplan = [
      '/etc/netplan/01-netcfg.yaml',
      'network:\n  ethernets:\n    eno1: {}\n  bridges:\n    br0: {interfaces: [eno1]}\n',
    ] as const;
    const ours = ['/etc/systemd/network/05-sixhub-eno1.network', '[Match]\nName=eno1\n'] as const;
    const told = (...given: readonly (readonly [string, string])[]): readonly Finding[] =>
      findings(whole, facts({}, { files: new Map(given) }));

    test('now, on a host that is to be taken over: it stays, and nobody is told to move it', () => {
      const [found, ...others] = told(netplan);
      expect(others).toEqual([]);
      expect(found).toMatchObject({
        ...{ id: 'taken-over', severity: 'note' },
        fact: 'netplan configures eno1, br0 now: /etc/netplan/01-netcfg.yaml:3',
      });
      expect(found?.remedy).toMatch(/^Leave it in place\./);
      expect(found?.remedy).not.toContain('mv ');
    });

    test('beside ours: that is one too many', () => {
      const found = told(ours, interfaces);
      expect(found).toMatchObject([{ id: 'two-managers', severity: 'warning' }]);
      expect(found[0]?.fact).toContain(`${interfaces[0]}:2: ifupdown configures eno1`);
      expect(found[0]?.fact).toContain(ours[0]);
      expect(found[0]?.remedy).not.toContain('mv ');
    });

    test('a drop-in that stays in force is named', () => {
      const path = '/etc/systemd/network/05-sixhub-eno1.network.d/mtu.conf';
      expect(told(ours, [path, '[Link]\nMTUBytes=9000\n'])).toMatchObject([
        { id: 'drop-in', severity: 'note', fact: `${path} has a say in eno1 as well` },
      ]);
      const other = path.replace('eno1', 'eno7');
      expect(told(ours, [other, '[Link]\nMTUBytes=9000\n'])).toEqual([]);
    });

    test('two at once, none of them ours', () => {
      const found = told(netplan, interfaces);
      expect(found.map(({ id }) => id)).toEqual(['two-managers', 'taken-over', 'taken-over']);
      expect(found[0]?.fact).toContain('and so does /etc/netplan/01-netcfg.yaml (netplan)');
    });
  });

  test('for ever has its own reason, line and remedy; the lifetime of the router is none of it', () => {
    const text = `interface br0 {
  AdvDefaultLifetime 9000; # AdvRouteLifetime infinity
  prefix 2a01:4f8:1:3::/64 { AdvValidLifetime infinity; };
  RDNSS 2a01:4f8:1:3::1 { AdvRDNSSLifetime 1800; };
  route 64:ff9b::/96 {
    AdvRouteLifetime infinity;
  };
};`;
    const found = findings(whole, facts({}, files('/etc/radvd.conf', text)));
    expect(found.map(({ id, fact }) => [id, fact])).toEqual([
      [
        'endless-lifetime',
        '/etc/radvd.conf:3: AdvValidLifetime infinity: the prefix, and each address made of it, is believed for ever',
      ],
      [
        'endless-lifetime',
        '/etc/radvd.conf:6: AdvRouteLifetime infinity: the route is believed for ever',
      ],
    ]);
    expect(found[1]?.reason).toContain('taken back');
    expect(found[1]?.remedy).toContain('AdvRouteLifetime 1800;');
  });

  test('a card that is not there, or is another, comes with the line to write', () => {
    const remedy = (devices: Kernel['devices'], id: string): string | undefined =>
      findings(whole, facts({ devices })).find((one) => one.id === id)?.remedy;
    const [other, third] = ['enp2s0', 'enp3s0'].map((name, index) => {
      return { ...card, name, mac: `00:24:21:21:ac:0${index}` };
    });
    if (other === undefined || third === undefined) throw new Error('no cards');
    expect(remedy([other], 'device-missing')).toBe('Write: device = "enp2s0"');
    expect(remedy([other, { ...third, mac: card.mac }], 'device-missing')).toBe(
      'Write: device = "enp3s0"',
    );
    expect(remedy([other, third], 'device-missing')).toBe(
      'Write one of these: enp2s0 (00:24:21:21:ac:00), enp3s0 (00:24:21:21:ac:01).',
    );
    expect(remedy([{ ...other, name: 'eno1' }], 'mac-mismatch')).toBe(
      'Write: mac = "00:24:21:21:ac:00"',
    );
    const linked = `${whole}link.eth1.accept = true\n`;
    expect(findings(linked, facts()).map((one) => one.remedy)).toEqual([
      'Take it away: `ip link` shows no card that it could be.',
    ]);
    const swapped = [
      { ...other, name: 'eno1' },
      { ...third, mac: card.mac },
    ];
    expect(remedy(swapped, 'mac-mismatch')).toBe(
      'Write: device = "enp3s0", which has that MAC address; or mac = "00:24:21:21:ac:00"',
    );
  });

  test("libvirt's own dnsmasq, and the stub of systemd-resolved, are no second name server", () => {
    const others = [
      { protocol: 'udp', address: '192.168.122.1', port: 53, program: 'dnsmasq' },
      { protocol: 'udp', address: '127.0.0.53', port: 53, program: 'systemd-resolve' },
    ];
    expect(findings(whole, facts({ listeners: others }))).toEqual([]);
  });

  test('what was not looked at is not judged', () => {
    expect(findings(whole, { ...facts(), kernel: undefined, release: undefined })).toEqual([]);
  });

  test('and is named, by what was missing for it', () => {
    expect(unjudged(lints, { ...facts({ rules }), packages: new Map() })).toEqual([]);
    const blind = { ...facts(), kernel: undefined, packages: new Map<string, string>() };
    const [{ need, ids } = { need: undefined, ids: [] }, ...more] = unjudged(lints, blind);
    expect([need, more]).toEqual(['kernel', []]);
    expect(ids).toEqual(expect.arrayContaining(['device-missing', 'mac-mismatch', 'leak']));
    expect(ids).not.toContain('documentation-address');
    expect(unjudged(lints, { ...facts(), release: undefined }).map((one) => one.need)).toEqual([
      ...['rules', 'packages', 'release'],
    ]);
  });

  test('each lint that is silent without a fact says that it needs it', () => {
    const kernelBound = lints.filter(({ find }) => /\bkernel\b/.test(String(find)));
    expect(kernelBound.length).toBeGreaterThan(8);
    for (const { id, needs } of kernelBound) expect([id, needs]).not.toEqual([id, undefined]);
  });
});
