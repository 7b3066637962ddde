import type { Host, RouterAdvertisement } from '../host.js';
import { formatAddress } from '../ip-address.js';
import { formatNetwork } from '../ip-network.js';
import { sendsPref64, software } from '../software.js';
import type { Topic } from './topic.js';

/** NAT64, DNS64, router advertisements, the relay: as this host has them, or that it has none. */
export function serviceTopics(host: Host): readonly Topic[] {
  return [...nat64Topics(host), ...dns64Topics(host), ...raTopics(host), ...relayTopics(host)];
}

function nat64Topics({ nat64, ipv4, inside }: Host): readonly Topic[] {
  const words = ['nat64', 'tayga', 'jool', '64:ff9b::/96', '64:ff9b::', 'translation'];
  if (nat64 === undefined) {
    const text = [
      'This host has no NAT64: machines with IPv6 alone reach no server that has IPv4 alone. A table nat64 adds it.',
    ];
    return [{ title: 'NAT64', words, text }];
  }
  const [prefix, pool] = [formatNetwork(nat64.prefix), formatNetwork(nat64.pool)];
  const outside = ipv4 === undefined ? 'the host' : formatAddress(ipv4.address.address);
  const example = formatAddress({ family: 6, bits: nat64.prefix.bits | 0xc0000221n });
  return [
    {
      title: `${prefix}, the prefix of the NAT64`,
      words: [...words, prefix, prefix.split('/')[0] ?? '', 'prefix', 'sixhub-tayga.service'],
      text: [
        `${prefix} stands for all of IPv4 (RFC 6052): the last 32 bits are the IPv4 address, so 192.0.2.33 is ${example}. A VM with IPv6 alone sends there, ${nat64.engine} translates, and the packet leaves with ${outside}.`,
        nat64.engine === 'tayga'
          ? 'Jool could do it, too (engine = "jool"): in the kernel, with a module that has to be built.'
          : 'Jool translates in the kernel; tayga (engine = "tayga") needs no module.',
        ...(prefix === '64:ff9b::/96'
          ? [
              'It is the well-known prefix: the same everywhere, and never for private IPv4 addresses (RFC 6052 §3.1).',
            ]
          : []),
      ],
      path: ['nat64', 'prefix'],
    },
    ...(nat64.engine === 'tayga'
      ? [
          {
            title: `${pool}, the pool of the NAT64`,
            words: [pool, 'pool', formatAddress(nat64.ipv4), 'sixhub_nat', 'dynamic-pool'],
            text: [
              `tayga gives each machine inside an address of ${pool} while it speaks; nobody outside sees them, since nftables (table ip sixhub_nat) makes ${outside} of them. ${formatAddress(nat64.ipv4)} is tayga's own.`,
            ],
            path: ['nat64', 'pool'],
          },
          {
            title: `${formatAddress(nat64.ipv6)}, tayga's address`,
            words: [formatAddress(nat64.ipv6), `${formatAddress(nat64.ipv6)}/128`, 'ipv6-addr'],
            text: [
              `tayga's own IPv6 address, in ${formatNetwork(inside.network)}: its ICMP errors come from it. tayga demands it where the prefix is well known and its IPv4 address private.`,
            ],
            path: ['nat64', 'ipv6'],
          },
          {
            title: 'nat64, the device',
            words: ['nat64', 'tun'],
            text: [
              'nat64 is the tun device of tayga: packets to the prefix go in as IPv6 and come out as IPv4. sixhub-tayga.service makes it, with its routes.',
            ],
          },
        ]
      : []),
  ];
}

function dns64Topics({ dns64, nat64, inside, ra }: Host): readonly Topic[] {
  const words = ['dns64', 'bind', 'bind9', 'named', 'unbound', 'resolver', 'dns', '53', 'port'];
  if (dns64 === undefined || nat64 === undefined) {
    const external = ra?.resolvers.map(formatAddress).join(', ') ?? '';
    const who = external === '' ? '' : ` The VMs are told ${external} instead.`;
    return [{ title: 'DNS64', words, text: [`This host has no DNS64 of its own.${who}`] }];
  }
  return [
    {
      title: 'DNS64',
      words: [...words, 'break-dnssec', 'forwarders'],
      text: [
        `${dns64.engine === 'bind' ? 'BIND' : 'Unbound'} at ${formatAddress(inside.address)} makes addresses of ${formatNetwork(nat64.prefix)} for names that have IPv4 alone (RFC 6147), and asks ${dns64.forwarders.map(formatAddress).join(', ')}. It listens on IPv6 alone, at this address and ::1, and answers ${formatNetwork(inside.network)} alone: an open resolver is found and misused within hours.`,
        dns64.breakDnssec
          ? 'break-dnssec is on: a machine that validates signed zones itself refuses the addresses that are made for them.'
          : 'A machine that validates signed zones itself gets no made address for them (break-dnssec is off).',
        `${dns64.engine === 'bind' ? 'Unbound' : 'BIND'} is not used: engine = "${dns64.engine === 'bind' ? 'unbound' : 'bind'}" takes it instead.`,
      ],
      path: ['dns64'],
    },
  ];
}

function raTopics(host: Host): readonly Topic[] {
  const { ra, inside, nat64, links } = host;
  const words = [
    'ra',
    'radvd',
    'advertisement',
    'advertisements',
    'slaac',
    'rdnss',
    'autoconfiguration',
  ];
  const announcing = links.filter(({ announce }) => announce.length > 0);
  const linkTopics = announcing.map(({ device, announce }): Topic => ({
    title: `announcements on ${device}`,
    words: [device, 'announce', 'announcement', 'link', 'static'],
    text: [
      `The other hosts on ${device} are told that ${announce.map(formatNetwork).join(', ')} is behind this one; lifetime 0 says that it is nobody's default router.`,
    ],
    path: ['link', device],
  }));
  if (ra === undefined) {
    return [
      {
        title: 'router advertisements',
        words,
        text: ['This host sends none inside: the machines there must be configured by hand.'],
      },
      ...linkTopics,
    ];
  }
  const told = [
    `network ${formatNetwork(inside.network)}, of which they make their addresses`,
    ...(ra.resolvers.length === 0
      ? []
      : [`name server ${ra.resolvers.map(formatAddress).join(', ')}`]),
    ...(ra.search.length === 0 ? [] : [`search domain ${ra.search.join(', ')}`]),
    ...(nat64 === undefined ? [] : [`route to ${formatNetwork(nat64.prefix)}, the NAT64`]),
  ];
  return [
    {
      title: 'router advertisements',
      words: [...words, 'lifetime', 'interval', 'dnssl'],
      text: [
        `${ra.engine} tells the machines on ${inside.device}, at least every ${ra.interval} s: ${told.join('; ')}. Resolvers and routes hold ${ra.lifetime} s, three intervals or more, so that a few lost advertisements harm nobody (RFC 8106 §5.1); not for ever, since what is told for ever can't be taken back.`,
        `The host itself must not listen to them: accept_ra is 0 on ${inside.device}.`,
      ],
      path: ['ra'],
    },
    ...pref64Topics(host, ra),
    ...linkTopics,
  ];
}

function pref64Topics(host: Host, ra: RouterAdvertisement): readonly Topic[] {
  const { nat64, release } = host;
  if (nat64 === undefined) return [];
  const { name, radvd, systemd } = software[release];
  const engine =
    ra.engine === 'radvd'
      ? `${name} has radvd ${radvd}, which takes nat64prefix for a syntax error (2.20 knows it)`
      : `${name} has systemd ${systemd}, whose networkd does not know it (255 does)`;
  const sent = sendsPref64(host);
  const why = ra.pref64 === 'never' ? 'host.toml says pref64 = "never"' : engine;
  return [
    {
      title: 'PREF64',
      words: ['pref64', 'nat64prefix', '8781', 'clat', '464xlat'],
      text: [
        sent
          ? `The prefix of the NAT64 is advertised as an option of its own (RFC 8781), by which machines find it without DNS (CLAT).`
          : `It is not sent, because ${why}. The route and DNS64 do without; what is missing is IPv4 for programs that use no names (CLAT).`,
      ],
      path: ['ra', 'pref64'],
    },
  ];
}

function relayTopics({ relay, ipv4 }: Host): readonly Topic[] {
  if (relay === undefined || ipv4 === undefined) return [];
  const [own, as] = [formatAddress(ipv4.address.address), formatAddress(relay.as)];
  return [
    {
      title: `port 53 of ${own}`,
      words: ['relay', '53', 'port', as, 'map', own],
      text: [
        `UDP and TCP to port 53 of ${own} reach VM ${relay.vm}: nftables sends them to ${as}, which is the VM in the pool of the NAT64 (map in tayga.conf). Resolvers without IPv6 find its name server by it, and it sees each one's address below the prefix of the NAT64.`,
      ],
      path: ['relay'],
    },
  ];
}
