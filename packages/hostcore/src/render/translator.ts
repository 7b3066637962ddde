import type { Host, Nat64 } from '../domain/host.js';
import { formatAddress } from '../domain/ip-address.js';
import { formatNetwork } from '../domain/ip-network.js';
import { text, type Part } from './part.js';

/** NAT64: tayga with a unit of ours (Debian 12 has a System V script, and no package sets up addresses and routes). */
export function translatorFiles(host: Host): readonly Part[] {
  const { nat64 } = host;
  if (nat64 === undefined) return [];
  return nat64.engine === 'tayga' ? tayga(host, nat64) : jool(host, nat64);
}

const taygaDevice = 'nat64';

function tayga({ relay }: Host, nat64: Nat64): readonly Part[] {
  const unit = 'sixhub-tayga.service';
  const own = formatAddress(nat64.ipv6);
  const [pool, prefix] = [formatNetwork(nat64.pool), formatNetwork(nat64.prefix)];
  const program = '/usr/sbin/tayga --config /etc/tayga.conf';
  return [
    {
      path: '/etc/tayga.conf',
      purpose: 'NAT64: IPv4 servers for machines that have IPv6 alone.',
      body: text([
        // In the order of the guide, and of Debian's example: whoever compares finds each where it was.
        `tun-device ${taygaDevice}`,
        'data-dir /var/spool/tayga',
        `prefix ${prefix}`,
        "# tayga's own addresses, where its ICMP errors come from. The first is needed with 64:ff9b::/96.",
        `ipv6-addr ${own}`,
        "# Each machine inside gets one of these for a while; nftables makes the host's address of it.",
        `dynamic-pool ${pool}`,
        `ipv4-addr ${formatAddress(nat64.ipv4)}`,
        relay === undefined
          ? undefined
          : [
              `# VM ${relay.vm}, for port 53 of the host's IPv4 address.`,
              `map ${formatAddress(relay.as)} ${formatAddress(relay.to)}`,
            ],
      ]),
      taker: { kind: 'service', unit, how: 'restart' },
    },
    {
      path: `/etc/systemd/system/${unit}`,
      purpose: 'tayga with the device, addresses and routes that it needs.',
      body: text([
        '[Unit]',
        'Description=NAT64 for the machines inside (tayga)',
        'Documentation=man:tayga(8) man:tayga.conf(5)',
        'After=network.target sixhub-nftables.service',
        'Wants=sixhub-nftables.service',
        'Conflicts=tayga.service',
        '',
        '[Service]',
        'Type=exec',
        `ExecStartPre=${program} --mktun`,
        `ExecStartPre=/sbin/ip link set dev ${taygaDevice} up`,
        `ExecStartPre=/sbin/ip route replace ${pool} dev ${taygaDevice}`,
        `ExecStartPre=/sbin/ip -6 route replace ${prefix} dev ${taygaDevice}`,
        `ExecStartPre=/sbin/ip -6 route replace ${own}/128 dev ${taygaDevice}`,
        `ExecStart=${program} --nodetach`,
        `ExecStopPost=-${program} --rmtun`,
        'Restart=on-failure',
        'CapabilityBoundingSet=CAP_NET_ADMIN',
        'DeviceAllow=/dev/net/tun rw',
        'NoNewPrivileges=yes',
        'ProtectSystem=strict',
        'ReadWritePaths=/var/spool/tayga',
        'ProtectHome=yes',
        'PrivateTmp=yes',
        '',
        '[Install]',
        'WantedBy=multi-user.target',
      ]),
      taker: { kind: 'unit-file', unit },
    },
  ];
}

function jool({ ipv4, relay }: Host, nat64: Nat64): readonly Part[] {
  const outside = ipv4 === undefined ? undefined : formatAddress(ipv4.address.address);
  const taken = relay === undefined ? [] : [53];
  const config = {
    instance: 'default',
    framework: 'netfilter',
    global: { pool6: formatNetwork(nat64.prefix) },
    // Ports that the host itself opens from (32768 to 60999) stay its own.
    pool4: ['TCP', 'UDP', 'ICMP']
      .map((protocol) => ({
        protocol,
        prefix: `${outside}/32`,
        'port range': protocol === 'ICMP' ? '0-65535' : '61001-65535',
      }))
      .concat(
        taken.flatMap((port) =>
          ['TCP', 'UDP'].map((protocol) => ({
            ...{ protocol, prefix: `${outside}/32` },
            'port range': `${port}-${port}`,
          })),
        ),
      ),
    ...(relay === undefined
      ? {}
      : {
          bib: ['TCP', 'UDP'].map((protocol) => ({
            ...{ protocol, 'ipv6 address': `${formatAddress(relay.to)}#53` },
            'ipv4 address': `${outside}#53`,
          })),
        }),
  };
  return [
    {
      path: '/etc/jool/jool.conf',
      purpose: 'NAT64: IPv4 servers for machines that have IPv6 alone.',
      mark: 'json',
      // The opening brace stands before the lines of origin.
      body: `${JSON.stringify(config, undefined, 2).slice(2)}\n`,
      taker: { kind: 'service', unit: 'jool.service', how: 'restart' },
    },
  ];
}
