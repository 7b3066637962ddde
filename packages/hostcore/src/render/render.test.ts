import { describe, expect, test } from 'vitest';
import { readEstate, sha256 } from '../config/read-estate.js';
import { managers, releases, uplinkModes, type Host } from '../domain/host.js';
import { bodyOf, ownership } from '../domain/origin.js';
import { render } from './render.js';

function host(lines: string, release = 'debian12'): Host {
  const { hosts, complaints } = readEstate(
    'host.toml',
    `[host.merlin]
release = "${release}"
resolvers = ["2a01:4f8:0:1::53"]
uplink = {device = "eno1", mac = "00:24:21:21:ac:99", mode = "MODE"}
ipv6 = {network = "2a01:4f8:1:3::/64", address = "2a01:4f8:1:3:abcd::17"}
ipv4 = {address = "45.67.90.10", gateway = "45.67.90.1", networks = ["45.67.91.7/32"]}
vm.mail = {mac = "52:54:00:ab:cd:ef", ipv4 = "45.67.91.7"}
${lines}`.replace('MODE', /mode: (\S+)/.exec(lines)?.[1] ?? 'routed-link-local'),
  );
  expect(complaints).toEqual([]);
  const [first] = hosts;
  if (first === undefined) throw new Error(lines);
  return first;
}

function file(of: Host, path: string): string {
  const found = render(of, 'host.toml', sha256).find((one) => one.path === path);
  return found === undefined ? '' : bodyOf(found.text);
}

const services = 'nat64 = {ipv6 = "2a01:4f8:1:3::64"}\ndns64 = {}\nra = {}\n';

describe.each(releases)('%s', (release) => {
  test.each(managers.flatMap((manager) => uplinkModes.map((mode) => [manager, mode] as const)))(
    '%s, %s: the same bytes at each run, each file with its origin',
    (manager, mode) => {
      const of = host(`manager = "${manager}"\n${services}# mode: ${mode}\n`, release);
      const files = render(of, '/etc/sixhub/host.toml', sha256);
      expect(render(of, '/etc/sixhub/host.toml', sha256)).toEqual(files);
      for (const { text } of files) {
        expect(ownership(text, sha256)).toBe('ours');
        expect(text).toContain('Made by hostcore of /etc/sixhub/host.toml, host merlin.');
        expect(text).toMatch(/\n$/);
      }
      expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
    },
  );
});

test('tayga has its own addresses and the prefix', () => {
  const config = file(host(services), '/etc/tayga.conf').replaceAll(/^#.*\n/gm, '');
  expect(config).toBe(`tun-device nat64
data-dir /var/spool/tayga
prefix 64:ff9b::/96
ipv6-addr 2a01:4f8:1:3::64
dynamic-pool 192.168.255.0/24
ipv4-addr 192.168.255.1
`);
});

test('BIND listens on IPv6 alone, answers inside alone, and leaves private addresses out', () => {
  const config = file(host(services), '/etc/bind/named.conf.options');
  expect(config).toContain('listen-on { none; };');
  expect(config).toContain('listen-on-v6 { ::1; 2a01:4f8:1:3:abcd::17; };');
  expect(config).toContain('mapped { !10.0.0.0/8; !172.16.0.0/12; !192.168.0.0/16; any; };');
  expect(config).not.toContain('localnets;');
});

test('PREF64 where the software knows it, every lifetime three intervals', () => {
  const radvd = (release: string): string => file(host(services, release), '/etc/radvd.conf');
  expect(radvd('debian13')).toContain('nat64prefix 64:ff9b::/96');
  for (const release of ['debian12', 'ubuntu22.04', 'ubuntu24.04']) {
    expect(radvd(release)).not.toContain('nat64prefix');
  }
  expect(radvd('debian12')).not.toMatch(/infinity|AdvRouterAddr/);
  expect(radvd('debian12')).toContain('AdvRDNSSLifetime 1800;');
  const networkd = services.replace('ra = {}', 'ra = {engine = "networkd"}\nmanager = "networkd"');
  const path = '/etc/systemd/network/05-sixhub-br0.network';
  expect(file(host(networkd, 'ubuntu24.04'), path)).toContain('[IPv6PREF64Prefix]');
  expect(file(host(networkd, 'debian12'), path)).not.toContain('[IPv6PREF64Prefix]');
});

test('MAC addresses are rewritten at the card alone, and with mode bridged alone', () => {
  const nft = (mode: string): string =>
    file(host(`${services}# mode: ${mode}\n`), '/etc/sixhub/nftables.nft');
  expect(nft('bridged')).toContain(
    'oifname "eno1" ether saddr != 00:24:21:21:ac:99 counter ether saddr set 00:24:21:21:ac:99',
  );
  for (const mode of ['routed-link-local', 'on-link', 'routed-prefix']) {
    expect(nft(mode)).not.toContain('ether saddr');
  }
  expect(nft('bridged')).not.toContain('flush ruleset');
});

test('nobody waits at boot for a bridge that has no carrier before the VMs start', () => {
  const networkd = (device: string): string =>
    file(host(services), `/etc/systemd/network/05-sixhub-${device}.network`);
  expect(networkd('br0')).toContain('RequiredForOnline=no');
  expect(networkd('eno1')).not.toContain('RequiredForOnline');
  const yaml = file(
    host(`${services}manager = "netplan"\n# mode: bridged\n`),
    '/etc/netplan/90-sixhub.yaml',
  );
  // With the card in it, the bridge is the way out.
  expect(yaml).not.toContain('optional');
});

test('Jool instead of tayga, with the relay', () => {
  const of = host(
    `${services.replace('nat64 = {', 'nat64 = {engine = "jool", ')}relay.to = "mail"\n`,
  );
  const files = render(of, 'host.toml', sha256);
  const jool: unknown = JSON.parse(
    files.find(({ path }) => path === '/etc/jool/jool.conf')?.text ?? '',
  );
  expect(jool).toMatchObject({
    global: { pool6: '64:ff9b::/96' },
    bib: [{ protocol: 'TCP', 'ipv4 address': '45.67.90.10#53' }, { protocol: 'UDP' }],
  });
  expect(files.some(({ path }) => path.includes('tayga'))).toBe(false);
});

test('a guest with an IPv4 address has the host as its router, and loses 127.0.1.1', () => {
  const of = host(services);
  expect(file(of, '/etc/sixhub/guests/mail/60-sixhub.yaml')).toContain('via: "45.67.90.10"');
  expect(file(of, '/etc/sixhub/guests/mail/hosts')).toBe(
    '45.67.91.7 mail\n2a01:4f8:1:3:5054:ff:feab:cdef mail\n',
  );
  expect(file(of, '/etc/sixhub/guests/mail/virt-install.sh')).toContain(
    '--network bridge=br0,model=virtio,mac=52:54:00:ab:cd:ef',
  );
});
