import { outerDevice, type Host } from '../domain/host.js';
import { formatAddress } from '../domain/ip-address.js';
import { formatNetwork } from '../domain/ip-network.js';
import { text, type Part } from './part.js';

/** Tables of our own, each replaced as a whole; nobody else's is touched (nftables.conf's `flush ruleset` is not ours). */
export const ourTables = ['bridge sixhub_guard', 'ip sixhub_nat'] as const;

const path = '/etc/sixhub/nftables.nft';

export function nftablesFiles(host: Host): readonly Part[] {
  const unit = 'sixhub-nftables.service';
  const tables = [...guard(host), ...translation(host)];
  if (tables.length === 0) return [];
  const gone = ourTables.map((table) => [`table ${table} {`, '}', `delete table ${table}`]);
  return [
    {
      path,
      purpose: 'Rules between VMs and towards the provider, and IPv4 behind the NAT64.',
      body: text([
        '# Made anew as a whole: an empty table so that there is one to delete, then ours.',
        ...gone.flat(),
        ...tables,
      ]),
      taker: { kind: 'service', unit, how: 'reload' },
    },
    {
      path: `/etc/systemd/system/${unit}`,
      purpose: `Loads ${path}.`,
      body: text([
        '[Unit]',
        'Description=Rules of sixhub-hostcore in tables of their own',
        'Documentation=man:nft(8)',
        'DefaultDependencies=no',
        'Wants=network-pre.target',
        'Before=network-pre.target shutdown.target',
        'Conflicts=shutdown.target',
        "# nftables.service flushes everybody's rules when it restarts; ours then come back with it.",
        'After=nftables.service',
        'PartOf=nftables.service',
        '',
        '[Service]',
        'Type=oneshot',
        'RemainAfterExit=yes',
        `ExecStart=/usr/sbin/nft -f ${path}`,
        `ExecReload=/usr/sbin/nft -f ${path}`,
        ...ourTables.map((table) => `ExecStop=-/usr/sbin/nft delete table ${table}`),
        '',
        '[Install]',
        'WantedBy=multi-user.target',
      ]),
      taker: { kind: 'unit-file', unit },
    },
  ];
}

/**
 * RA guard (RFC 6105) for every bridge port: routers are the host and, with mode bridged, nobody in the bridge, since the
 * provider's router is told by hand. The rules hold for every bridge of the host: naming one (`meta ibrname`) needs a
 * kernel module that not all have.
 */
function guard(host: Host): readonly string[] {
  const { inside, uplink } = host;
  if (!inside.bridge) return [];
  const bridged = uplink.mode === 'bridged';
  const routers = 'icmpv6 type { nd-router-advert, nd-redirect } counter drop';
  const dhcp = [
    'udp sport 547 udp dport 546 counter drop',
    'udp sport 67 udp dport 68 counter drop',
  ];
  return [
    '',
    'table bridge sixhub_guard {',
    '\t# From port to port: no VM is a router, or a DHCP server, to another.',
    '\tchain forward {',
    '\t\ttype filter hook forward priority filter; policy accept;',
    `\t\t${routers}`,
    ...dhcp.map((rule) => `\t\t${rule}`),
    '\t}',
    '',
    '\t# Nor to the host.',
    '\tchain input {',
    '\t\ttype filter hook input priority filter; policy accept;',
    `\t\t${routers}`,
    '\t}',
    ...(bridged
      ? [
          '',
          "\t# Towards the provider: no advertisement of ours, and no MAC address but the card's. What a frame",
          "\t# carries inside (ARP, neighbour discovery) keeps the VM's.",
          '\tchain postrouting {',
          '\t\ttype filter hook postrouting priority srcnat; policy accept;',
          `\t\toifname "${uplink.device}" icmpv6 type nd-router-advert counter drop`,
          `\t\toifname "${uplink.device}" ether saddr != ${uplink.mac} counter ether saddr set ${uplink.mac}`,
          '\t}',
        ]
      : []),
    '}',
  ];
}

function translation(host: Host): readonly string[] {
  const { nat64, ipv4, relay } = host;
  if (nat64?.engine !== 'tayga' || ipv4 === undefined) return [];
  const own = formatAddress(ipv4.address.address);
  const outer = outerDevice(host);
  return [
    '',
    'table ip sixhub_nat {',
    ...(relay === undefined
      ? []
      : [
          `\t# Port 53 of the host's IPv4 address is VM ${relay.vm}; it sees who asks, as an address of the NAT64.`,
          '\tchain prerouting {',
          '\t\ttype nat hook prerouting priority dstnat; policy accept;',
          ...['udp', 'tcp'].map(
            (protocol) =>
              `\t\tiifname "${outer}" ip daddr ${own} ${protocol} dport 53 dnat to ${formatAddress(relay.as)}`,
          ),
          '\t}',
          '',
        ]),
    "\t# The pool of the NAT64 is nobody's in the internet: its packets leave with the host's address.",
    '\tchain postrouting {',
    '\t\ttype nat hook postrouting priority srcnat; policy accept;',
    `\t\toifname "${outer}" ip saddr ${formatNetwork(nat64.pool)} snat to ${own}`,
    '\t}',
    '}',
  ];
}
