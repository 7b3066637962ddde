import { expect, test } from 'vitest';
import { readEstate } from '../../config/read-estate.js';
import { formatAddress } from '../ip-address.js';
import { parseEndpoint, usualTargets } from './targets.js';

const described = (resolvers: string) =>
  readEstate(
    'host.toml',
    `[host.merlin]
release = "debian12"
resolvers = [${resolvers}]
uplink.device = "eno1"
ipv6.network = "2a01:4f8:1:3::/64"
`,
  ).hosts.map((host) => {
    const { ipv4, ipv6 } = usualTargets(host);
    return [ipv4, ipv6].map(({ address, port }) => `${formatAddress(address)} ${port}`);
  });

test('the resolvers of host.toml are asked, and root servers where it has none', () => {
  const own = '"2a01:4f8:0:1::53", "185.12.64.1", "185.12.64.2"';
  expect(described(own)).toEqual([['185.12.64.1 53', '2a01:4f8:0:1::53 53']]);
  expect(described('')).toEqual([['198.41.0.4 53', '2001:503:ba3e::2:30 53']]);
  // One that is inside proves nothing of the way out.
  expect(described('"2a01:4f8:1:3::53"')).toEqual([['198.41.0.4 53', '2001:503:ba3e::2:30 53']]);
});

test.each([
  ['192.0.2.1:443', 4, true],
  ['[2001:db8::1]:443', 6, true],
  ['2001:db8::1:443', 6, false],
  ['192.0.2.1', 4, false],
  ['192.0.2.1:0', 4, false],
  ['192.0.2.1:65536', 4, false],
  ['[2001:db8::1]:443', 4, false],
  ['www.example.org:443', 4, false],
] as const)('%s as an endpoint of IPv%s: %s', (text, family, isOne) => {
  expect(parseEndpoint(text, family) !== undefined).toBe(isOne);
});
