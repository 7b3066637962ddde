import { describe, expect, test } from 'vitest';
import { inOneLine, readEstate } from './read-estate.js';

const whole = `[host.merlin]
domain = "example.org"
release = "debian12"
resolvers = ["2a01:4f8:0:1::add:1010"]

[host.merlin.uplink]
device = "eno1"
mac = "00:24:21:21:ac:99"

[host.merlin.ipv6]
network = "2a01:4f8:1:3::/64"
address = "2a01:4f8:1:3::2"

[host.merlin.ipv4]
address = "45.67.90.10"
gateway = "45.67.90.1"
networks = ["45.67.91.7/32"]

[host.merlin.nat64]
[host.merlin.dns64]
[host.merlin.ra]

[host.merlin.relay]
to = "hub"

[host.merlin.vm.hub]
mac = "52:54:00:12:34:56"

[host.merlin.vm.mail]
mac = "52:54:00:ab:cd:ef"
ipv4 = "45.67.91.7"
`;

type Edit = readonly [from: string, to: string];

function edited(...edits: readonly Edit[]): string {
  return edits.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(from);
    return text.replace(from, () => to);
  }, whole);
}

function said(text: string): readonly string[] {
  return readEstate('host.toml', text)
    .complaints.map(inOneLine)
    .map(({ line, text: one }) => `${line}: ${one}`);
}

/** As a person does who believes it: the line becomes what stands behind `Write: `. */
function obeyed(text: string): string {
  const lines = text.split('\n');
  for (const { line, remedy } of readEstate('host.toml', text).complaints) {
    const written = /Write(?: it like)?: ([\w-]+ = .*|\[[\w.-]+\])$/.exec(remedy)?.[1];
    if (written !== undefined) lines[line - 1] = written;
  }
  return lines.join('\n');
}

test('nothing is said against it as it is, nor with a byte order mark and the line ends of Windows', () => {
  expect(said(whole)).toEqual([]);
  expect(said(`\uFEFF${whole.replaceAll('\n', '\r\n')}`)).toEqual([]);
});

describe('one fault is one complaint, and who obeys it is done', () => {
  test.each<[string, Edit[], number]>([
    ['no quotes', [['"eno1"', 'eno1']], 7],
    ['a colon', [['mac = "52:54:00:12:34:56"', 'mac: "52:54:00:12:34:56"']], 27],
    ['typographic quotes', [['"eno1"', '“eno1”']], 7],
    ['an open quote', [['"eno1"', '"eno1']], 7],
    ['an octet of 300', [['"45.67.90.10"', '"45.67.90.300"']], 15],
    ['a netmask', [['"45.67.90.10"', '"45.67.90.10/255.255.255.192"']], 15],
    ['a network with a netmask', [['91.7/32', '91.0/255.255.255.248']], 17],
    ['an open header', [['[host.merlin.ipv4]', '[host.merlin.ipv4']], 14],
    ['a comment without #', [['"eno1"', '"eno1" the card']], 7],
    ['a control character', [['"eno1"', '"eno1\u0000"']], 7],
    ['no card at all', [['52:54:00:12:34:56', '00:00:00:00:00:00']], 27],
    ['a short MAC address', [['52:54:00:12:34:56', '52:54:00:12:34']], 27],
    ["Cisco's form", [['00:24:21:21:ac:99', '0024.2121.ac99']], 8],
    ['no form', [['52:54:00:12:34:56', '525400123456']], 27],
    ['a resolver without ::', [['2a01:4f8:0:1::add:1010', '2a01:4f8:0:1:add:1010']], 4],
    [
      'a network with host bits',
      [['network = "2a01:4f8:1:3::/64', 'network = "2a01:4f8:1:3::2/64']],
      11,
    ],
    [
      'a network without length',
      [['network = "2a01:4f8:1:3::/64', 'network = "2a01:4f8:1:3::']],
      11,
    ],
    [
      'an address with length',
      [['address = "2a01:4f8:1:3::2', 'address = "2a01:4f8:1:3::2/64']],
      12,
    ],
    ['a number in quotes', [['ipv4 = "45.67.91.7"', 'memory = "4096"\nipv4 = "45.67.91.7"']], 31],
    ['a unit', [['ipv4 = "45.67.91.7"', 'memory = "4G"\nipv4 = "45.67.91.7"']], 31],
    ['half a processor', [['ipv4 = "45.67.91.7"', 'cpus = 1.5\nipv4 = "45.67.91.7"']], 31],
    [
      'no',
      [
        [
          '[host.merlin.ipv6]',
          'inside.bridge = "on"\n[host.merlin.ipv6]'.replace('inside.', '[host.merlin.inside]\n'),
        ],
      ],
      11,
    ],
    ['a release by its name', [['debian12', 'bookworm']], 3],
    ['a mode that there is not', [['mac = "00', 'mode = "routed"\nmac = "00']], 8],
    ['a VM that there is not', [['to = "hub"', 'to = "hbu"']], 24],
    ['one address for a list', [['["2a01:4f8:0:1::add:1010"]', '"2a01:4f8:0:1::add:1010"']], 4],
    ['a misspelt key', [['release', 'relase']], 3],
    ['too many seconds', [['[host.merlin.ra]', '[host.merlin.ra]\ninterval = 5000']], 22],
    ['less than nothing', [['[host.merlin.ra]', '[host.merlin.ra]\nlifetime = -1']], 22],
    ['IPv6 for IPv4', [['gateway = "45.67.90.1"', 'gateway = "fe80::1"']], 16],
  ])('%s', (_, edits, line) => {
    const text = edited(...edits);
    expect(said(text)).toEqual([expect.stringMatching(new RegExp(`^${line}: .*Write`))]);
    expect(said(obeyed(text))).toEqual([]);
  });
});

describe('what no single line mends says where to look', () => {
  test.each<[string, string, readonly string[]]>([
    [
      'a VM in capitals',
      edited(['vm.hub]', 'vm.Hub]']),
      ['26: .*lower-case.*Write \\[host.merlin.vm.hub\\]'],
    ],
    [
      'VMs as a list',
      edited(
        ['[host.merlin.vm.hub]', '[[host.merlin.vm]]'],
        ['[host.merlin.vm.mail]', '[[host.merlin.vm]]'],
      ),
      ['26: .*Write a table for each'],
    ],
    [
      'a VM of no host',
      edited(['[host.merlin.vm.hub]', '[vm.hub]']),
      ["26: there is no setting 'vm'.*\\[host.merlin.vm\\]"],
    ],
    [
      'keys in the wrong table',
      edited(['domain =', 'gateway = "fe80::1"\nmac = "00:24:21:21:ac:99"\ndomain =']),
      ['2: .*belongs below \\[host.merlin.ipv6\\]', '3: .*belongs below \\[host.merlin.uplink\\]'],
    ],
    [
      'a host without a name',
      whole.replaceAll('host.merlin', 'host').replace('eno1', 'e n o'),
      ['1: host: the host has no name', '7: host.uplink.device: "e n o"'],
    ],
    [
      'a route in single brackets',
      `${whole}[host.merlin.route]\nto = "10.0.0.0/8"\n`,
      ['32: .*\\[\\[host.merlin.route\\]\\]'],
    ],
    [
      'a key twice',
      edited(['device = "eno1"', 'device = "eno1"\ndevice = "eno2"']),
      ['8: .*already in its table'],
    ],
    [
      'a table twice',
      `${whole}[host.merlin.nat64]\npool = "10.0.0.0/24"\n`,
      ['32: .*already.*first header'],
    ],
    [
      'the same card twice',
      edited(['52:54:00:ab:cd:ef', '52:54:00:12:34:56']),
      ['30: .*VM hub as well.*virsh domiflist mail'],
    ],
    [
      "the pool over the host's addresses",
      edited(['[host.merlin.nat64]', '[host.merlin.nat64]\npool = "45.67.90.0/24"']),
      ['20: .*45.67.90.10 .ipv4.address., 45.67.90.1 .ipv4.gateway.'],
    ],
    [
      'a link over the pool',
      `${whole}[host.merlin.link.eth1]\naddresses = ["192.168.255.9/24"]\n`,
      ["33: .*overlaps 192.168.255.0/24, which is the NAT64's pool"],
    ],
    [
      'bridged without a MAC address',
      edited(['mac = "00:24:21:21:ac:99"', 'mode = "bridged"']),
      ['6: .*needs mac.*ip link show eno1'],
    ],
    [
      "the host's own as gateway",
      edited(['gateway = "45.67.90.1"', 'gateway = "45.67.90.10"']),
      ['16: .*own address.*ip -4 route show default'],
    ],
    [
      "a VM with the host's address",
      edited(['ipv4 = "45.67.91.7"', 'ipv4 = "45.67.90.10"']),
      ['31: .*so has the host .ipv4.address.'],
    ],
    [
      'a /56 with the default mode',
      edited(['1:3::/64"', '1::/56"'], ['::2"', '::2"']),
      ['11: .*routed-prefix'],
    ],
    [
      'a table that is true',
      edited(['[host.merlin.nat64]\n', ''], ['domain =', 'nat64 = true\ndomain =']),
      ['2: .*Write \\[host.merlin.nat64\\]'],
    ],
    [
      'one host twice',
      whole + whole.replaceAll('merlin', 'morgana'),
      [
        '39: .*card of merlin',
        '42: .*overlaps that of merlin',
        '46: .*on merlin as well',
        '62: .*on merlin as well',
      ],
    ],
    ['nothing', '', ['1: host: describes no host.*hostcore adopt']],
    [
      'a name alone',
      '[host.merlin]\n',
      ['1: .*release.*Add below', '1: .*uplink.*Add below', '1: .*ipv6.*Add below'],
    ],
    ['prose', 'this is my server\n', ['1: .*hardly TOML']],
    ['YAML', 'host:\n  merlin:\n    release: debian12\n', ['1: .*hardly TOML']],
    [
      'hosts for host',
      whole.replaceAll('host.merlin', 'hosts.merlin').replace('"eno1"', '"e n o"'),
      ["1: there is no setting 'hosts'.*Write \\[host.NAME\\]", '7: hosts.merlin.uplink.device'],
    ],
    [
      'a list of hosts',
      edited(['[host.merlin]', '[[host]]\nname = "merlin"']).replaceAll('[host.merlin.', '[x.'),
      ['1: .*no table.*Write \\[host.NAME\\]', "7: there is no setting 'x'"],
    ],
    ['vms for vm', edited(['.vm.hub', '.vms.hub']), ['26: .*vms.*\\[host.merlin.vm\\]']],
    [
      'all of IPv6',
      edited(['1:3::/64"', ':/0"']).replace('2a01:4f8::/0', '::/0'),
      ['11: .*any provider gives'],
    ],
    [
      'itself as the router',
      edited(['1:3::2"', '1:3::2"\ngateway = "2a01:4f8:1:3::2"']),
      ['13: .*the gateway has 2a01:4f8:1:3::2, and so has the host'],
    ],
    [
      'a second default route, through the host itself',
      `${whole}[[host.merlin.route]]\nto = "::/0"\nvia = "2a01:4f8:1:3::2"\ndevice = "eno1"\n`,
      ['33: .*is everything.*\\[host.merlin.ipv6\\]', "34: .*this host's own address"],
    ],
    ['escape sequences', edited(['"eno1"', '"eno1\\u001b[31m"']), ['7: [^\\u001b]*$']],
    [
      'another network than everything else',
      edited(
        ['network = "2a01:4f8:1:3::/64"', 'network = "2a01:4f8:1:4::/64"'],
        ['[host.merlin.nat64]', '[host.merlin.nat64]\nipv6 = "2a01:4f8:1:3::64"'],
      ),
      ['11: .*ipv6.address and nat64.ipv6 are in 2a01:4f8:1:3::/64.*network = "2a01:4f8:1:3::/64"'],
    ],
    [
      'four kinds at once',
      edited(['domain', 'domian'], ['"eno1"', 'eno1'], ['1:3::2"', '1:9::2"'], ['56"', '5"']),
      ['2: ', '7: ', '12: .*not in 2a01:4f8:1:3::/64', '27: '],
    ],
  ])('%s', (_, text, wanted) => {
    const found = said(text);
    expect(found).toEqual(wanted.map((one) => expect.stringMatching(new RegExp(`^${one}`))));
  });
});

test('a key too many does not hide what else its table says, nor is anything judged in its place', () => {
  const text = edited(
    ['address = "2a01:4f8:1:3::2"', 'gatway = "fe80::1"\naddress = "2a01:4f8:1:4::2"'],
    ['mac = "00:24:21:21:ac:99"', 'colour = "blue"\nmac = "00:24:21:21:ac:99"'],
  );
  const { hosts } = readEstate('host.toml', text);
  expect(hosts[0]?.uplink).toMatchObject({ device: 'eno1', mac: '00:24:21:21:ac:99' });
  expect(said(text).map((one) => one.replace(/\. .*/, ''))).toEqual([
    "8: there is no setting 'host.merlin.uplink.colour'",
    "13: there is no setting 'host.merlin.ipv6.gatway'",
    expect.stringMatching(/^14: .*2a01:4f8:1:4::2 is not in 2a01:4f8:1:3::\/64/),
  ]);
});

test('of a network that is too wide the /64 to write is the one that the host is in, and nothing follows from it', () => {
  const text = edited(
    ['network = "2a01:4f8:1:3::/64"', 'network = "2a01:4f8:1::/56"'],
    ['[host.merlin.nat64]', '[host.merlin.nat64]\nipv6 = "2a01:4f8:1:3:135d:6:4b27:5f"'],
  );
  const { complaints } = readEstate('host.toml', text);
  expect(complaints.map(({ line }) => line)).toEqual([11]);
  expect(complaints[0]?.remedy).toContain('network = "2a01:4f8:1:3::/64"');
});
