import { describe, expect, test } from 'vitest';
import { formatAddress } from '../domain/ip-address.js';
import { inOneLine, readEstate } from './read-estate.js';

const smallest = `[host.merlin]
release = "debian12"
uplink.device = "eno1"
ipv6.network = "2a01:4f8:1:3::/64"
`;

function complaints(text: string): readonly string[] {
  return readEstate('host.toml', text)
    .complaints.map(inOneLine)
    .map(({ line, text: said }) => `${line}: ${said}`);
}

describe('host.toml', () => {
  test('needs three keys of a host', () => {
    const { hosts, complaints } = readEstate('host.toml', smallest);
    expect(complaints).toEqual([]);
    expect(hosts[0]).toMatchObject({
      ...{ name: 'merlin', manager: 'networkd', vms: [] },
      uplink: { mode: 'routed-link-local' },
      inside: { device: 'br0', bridge: true },
    });
  });

  test('a random address is the same at each run, another in another network, and the seed moves it', () => {
    const address = (text: string): string => {
      const [host] = readEstate('host.toml', text).hosts;
      return host === undefined ? '' : formatAddress(host.ipv6.address);
    };
    const first = address(smallest);
    expect(address(smallest)).toBe(first);
    expect(first.startsWith('2a01:4f8:1:3:')).toBe(true);
    const seeded = `${smallest}ipv6.seed = "0123456789abcdef"\n`;
    expect(address(seeded)).not.toBe(first);
    expect(address(seeded).slice(13)).not.toBe(address(seeded.replace('1:3::', '1:4::')).slice(13));
  });

  test('everything that is wrong is told at once, each with its line', () => {
    expect(
      complaints(`[host.merlin]
relase = "debian12"
release = "debian11"
[host.merlin.uplink]
device = "eno1"
mac = "00:24:21:21:ac:9"
[host.merlin.ipv6]
network = "2a01:4f8:1:3::2/64"
address = "2a01:4f8:1:4::1"
[host.merlin.nat64]
[host.merlin.vm.hub]
mac = "52:54:00:12:34:56"
[host.merlin.vm.mail]
mac = "52:54:00:12:34:56"
ipv4 = "45.67.91.300"
`),
    ).toEqual([
      `2: there is no setting 'host.merlin.relase'. Did you mean 'release'? Write: release = "debian12"`,
      '3: host.merlin.release: "debian11" is none of debian12, debian13, ubuntu22.04, ubuntu24.04. Write: release = "debian12"',
      expect.stringContaining("6: host.merlin.uplink.mac: '00:24:21:21:ac:9' is no MAC address"),
      expect.stringContaining('8: host.merlin.ipv6.network:'),
      expect.stringContaining(
        '9: host.merlin.ipv6.address: 2a01:4f8:1:4::1 is not in 2a01:4f8:1:3::/64',
      ),
      expect.stringContaining('10: host.merlin.nat64: translates to IPv4'),
      expect.stringContaining(
        '14: host.merlin.vm.mail.mac: 52:54:00:12:34:56 is the MAC address of VM hub',
      ),
      expect.stringContaining("15: host.merlin.vm.mail.ipv4: '45.67.91.300'"),
    ]);
  });

  test.each([
    ['uplink.mode = "bridged"', 'mode bridged needs mac'],
    ['uplink.mode = "bridgd"', 'Write: mode = "bridged"'],
    ['inside.device = "eno1"', 'is the uplink, too'],
    ['inside.network = "2a01:4f8:1:4::/64"', 'is not in 2a01:4f8:1:3::/64'],
    ['relay.to = "hub"', "there is no VM 'hub'"],
    ['vm.a = {mac = "52:54:00:12:34:56", ipv4 = "45.67.91.7"}', 'Add [host.merlin.ipv4]'],
    [
      'route = [{to = "2a01:4f8:9::/48", via = "fe80::b", device = "eth1"}]',
      "'eth1' is not described",
    ],
    ['route = [{to = "2a01:4f8:9::/48", via = "10.0.0.1", device = "br0"}]', 'is IPv4'],
    ['dns64 = {}', 'has nobody to ask'],
    ['vm.a = {mac = "01:54:00:12:34:56"}', 'a group'],
    ['ipv6.seed = "short"', 'too easy to guess'],
    ['ipv6.address = "2a01:4f8:1:3::"', 'subnet-router anycast'],
  ])('%s: %s', (line, said) => {
    expect(complaints(`${smallest}${line}\n`).join('\n')).toContain(said);
  });

  test.each([
    ['vm.a = {mac = "52:54:00:12:34:56", memory = "4G"}', 'Write: memory = 4096'],
    ['vm.a = {}', 'vm.a.mac: is missing'],
    ['inside.bridge = "no"', 'Write: bridge = false'],
    ['resolvers = "2a01:4f8:0:1::53"', 'Write: resolvers = ["2a01:4f8:0:1::53"]'],
    ['nat64 = true', 'Write [host.merlin.nat64]'],
    ['ipv6.address = "none"', 'nor "random"'],
    ['link.eth1.addresses = ["fe80:ff:fee1:b"]', 'lacks its'],
    [
      'route = [{to = "2a01:4f8:9::/48", via = "fe80:ff:fee1:b", device = "br0"}]',
      'Write: via = "fe80::ff:fee1:b"',
    ],
  ])('%s: %s', (line, said) => {
    expect(complaints(`${smallest}${line}\n`).join('\n')).toContain(said);
  });

  test('two hosts share a file, and nothing else', () => {
    const other = smallest.replace('merlin', 'morgana');
    expect(complaints(`${smallest}${other.replace('1:3', '1:4')}`)).toEqual([]);
    expect(complaints(`${smallest}${other}`).join('\n')).toContain('overlaps that of merlin');
  });

  test('an empty file says how to begin', () => {
    expect(complaints('').join('\n')).toContain('host');
    expect(complaints('[host]\n').join('\n')).toContain('hostcore init');
  });
});
