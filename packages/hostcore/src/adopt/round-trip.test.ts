import { expect, test } from 'vitest';
import { readEstate, sha256 } from '../config/read-estate.js';
import { render } from '../render/render.js';
import { adopt } from './adopt.js';
import { survey } from './survey.js';

const full = `[host.merlin]
domain = "example.org"
release = "debian12"
resolvers = ["2a02:8388::53"]
[host.merlin.uplink]
device = "enp6s0"
mac = "0c:c4:7a:01:02:03"
[host.merlin.ipv6]
network = "2a02:8388:7:1::/64"
address = "2a02:8388:7:1:abcd::17"
[host.merlin.ipv4]
address = "81.4.5.6"
gateway = "81.4.5.1"
[host.merlin.nat64]
ipv6 = "2a02:8388:7:1:14a5:69be:7e23:89"
[host.merlin.dns64]
[host.merlin.ra]
[[host.merlin.route]]
to = "2a02:8388:9:2::/64"
via = "fe80::ff:fee1:b"
device = "eth1"
[host.merlin.link.eth1]
announce = ["2a02:8388:7:1::/64"]
`;

test.each([
  ['routed-link-local', full],
  ['bridged', full.replace('[host.merlin.ipv6]', 'mode = "bridged"\n[host.merlin.ipv6]')],
  ['on-link', full.replace('[host.merlin.ipv6]', 'mode = "on-link"\n[host.merlin.ipv6]')],
  ['netplan', full.replace('domain', 'manager = "netplan"\ndomain')],
  ['unbound', full.replace('[host.merlin.dns64]', '[host.merlin.dns64]\nengine = "unbound"')],
  ['networkd sends', full.replace('[host.merlin.ra]', '[host.merlin.ra]\nengine = "networkd"')],
  [
    'routed-prefix',
    full
      .replace('[host.merlin.ipv6]', 'mode = "routed-prefix"\n[host.merlin.ipv6]')
      .replace('network = "2a02:8388:7:1::/64"', 'network = "2a02:8388:7::/56"')
      .replace('7:1:abcd::17"', '7:0:abcd::17"')
      .replace(
        '[host.merlin.nat64]',
        '[host.merlin.inside]\nnetwork = "2a02:8388:7:1::/64"\n[host.merlin.nat64]',
      ),
  ],
])('%s: what hostcore rendered is adopted as it was described', (_, toml) => {
  const [before] = readEstate('host.toml', toml).hosts;
  if (before === undefined) throw new Error('no host');
  const files = render(before, 'host.toml', sha256).map(({ path, text }) => [path, text] as const);
  const found = adopt(survey(new Map(files), undefined), {
    ...{ hostname: 'merlin', release: 'debian 12', domain: 'example.org', neighbours: new Map() },
    cardMac: () => '0c:c4:7a:01:02:03',
  });
  const after = readEstate('host.toml', found?.toml ?? '');
  expect(after.complaints).toEqual([]);
  expect(after.hosts).toEqual([before]);
});
