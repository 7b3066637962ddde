import { forwardsIpv4, outerDevice, type Host } from '../host.js';
import { formatAddress } from '../ip-address.js';
import { formatNetwork } from '../ip-network.js';
import { software } from '../software.js';
import type { Topic } from './topic.js';

/** What this host does not have, and why: who asks has read of it in the guide, or seen it on another host. */
export function absentTopics(host: Host): readonly Topic[] {
  return [
    ...noSingleAddress(host),
    ...noRelay(host),
    ...noProxy(host),
    ...noLinks(host),
    ...noPref64(host),
    ...noVms(host),
    ...noIpv4(host),
  ];
}

function noSingleAddress(host: Host): readonly Topic[] {
  const { uplink, inside, ipv4 } = host;
  if (uplink.mode !== 'bridged') return [];
  const own = `${formatAddress(host.ipv6.address)}/${inside.network.length}`;
  return [
    {
      title: `/128 on ${uplink.device}: there is none`,
      words: ['/128', '128'],
      text: [
        `With mode bridged ${uplink.device} is a port of ${inside.device} and has no address; ${inside.device} has ${own}. A /128 on the card is what the other modes have, where the network is behind the bridge.`,
        `If ${uplink.device} has one all the same, somebody else gave it: \`hostcore plan\` shows it as to be removed.`,
        ...(ipv4?.address.length === 32
          ? [`The /32 on ${outerDevice(host)} is IPv4's: the provider routes that one address.`]
          : []),
      ],
      path: ['uplink', 'mode'],
    },
  ];
}

function noRelay({ relay, ipv4, nat64, vms }: Host): readonly Topic[] {
  if (relay !== undefined && ipv4 !== undefined) return [];
  const lacks =
    ipv4 === undefined
      ? 'the host has no IPv4 address'
      : nat64 === undefined
        ? 'there is no NAT64, which would translate for it'
        : 'host.toml has no table relay';
  const example = vms[0]?.name ?? 'hub';
  return [
    {
      title: 'relay of port 53: there is none',
      words: ['relay', 'relayed'],
      text: [
        `There is none, because ${lacks}. It would lead port 53 (UDP and TCP) of the host's IPv4 address to a VM that is a name server and has IPv6 alone: relay.to = "${example}".`,
      ],
    },
  ];
}

function noProxy({ uplink, ipv4, vms }: Host): readonly Topic[] {
  const owners = vms.filter((vm) => vm.ipv4 !== undefined);
  const arp =
    ipv4?.onLink === true && uplink.mode !== 'bridged' && owners.length > 0
      ? []
      : [
          {
            title: 'proxy ARP: there is none',
            words: ['proxy_arp', 'arp', 'on-link'],
            text: [
              ipv4?.onLink !== true
                ? "There is none, because the provider routes the VMs' IPv4 addresses to the host's. Where it looks for each on the link instead: ipv4.on-link = true."
                : uplink.mode === 'bridged'
                  ? 'There is none, because with mode bridged the VMs are on the link, and answer themselves.'
                  : 'There is none, because no VM has an IPv4 address.',
            ],
          },
        ];
  if (uplink.mode === 'on-link') return arp;
  return [
    ...arp,
    {
      title: 'neighbour discovery proxy: there is none',
      words: ['ndppd', 'ndp', 'proxy_ndp', 'proxy', '/etc/ndppd.conf', 'neighbour'],
      text: [
        uplink.mode === 'bridged'
          ? 'There is none, because with mode bridged the VMs are on the link, and answer themselves.'
          : `There is none, because with mode ${uplink.mode} the provider sends the whole network to the host without asking for each address. Where it asks, nothing comes through: that is mode on-link, which has one.`,
      ],
      path: ['uplink', 'mode'],
    },
  ];
}

function noLinks({ links, name }: Host): readonly Topic[] {
  const announcing = links.filter(({ announce }) => announce.length > 0);
  if (announcing.length > 0) return [];
  return [
    {
      title: 'announcements to other hosts: there are none',
      words: ['link', 'links', 'announce', 'announcement', 'static'],
      text: [
        links.length === 0
          ? `There is no link to other hosts, because host.toml describes none: [host.${name}.link.eth1] adds one (chapter 12 of the guide).`
          : `None are sent, because no link has announce = ["…"]; ${links.map(({ device }) => device).join(', ')} only ${links.length === 1 ? 'has' : 'have'} addresses.`,
      ],
    },
  ];
}

/** Each reason by itself: who asks wants to know which. */
function noPref64({ ra, nat64, release, name }: Host): readonly Topic[] {
  const words = ['pref64', 'nat64prefix', '8781', 'clat', '464xlat'];
  if (ra !== undefined && nat64 !== undefined) return [];
  const why =
    ra === undefined
      ? `this host sends no router advertisements; [host.${name}.ra] has it send them`
      : `there is no NAT64 whose prefix it could tell; [host.${name}.nat64] adds one, on ${software[release].name} as elsewhere`;
  const text = [`It is not sent, because ${why}.`];
  return [{ title: 'PREF64: it is not sent', words, text }];
}

function noVms({ vms, inside, name }: Host): readonly Topic[] {
  if (vms.length > 0) return [];
  const text = inside.bridge
    ? `host.toml describes none: [host.${name}.vm.NAME] with its mac adds one. ${inside.device} is there for them.`
    : `There are none, because inside.bridge is false: this is a router for real machines behind ${inside.device}.`;
  return [{ title: 'VMs: there are none', words: ['vm', 'vms', 'guest', 'guests'], text: [text] }];
}

function noIpv4(host: Host): readonly Topic[] {
  if (host.ipv4 !== undefined) {
    if (forwardsIpv4(host)) return [];
    const text = `IPv4 is not forwarded, because there is no NAT64 and no VM has an IPv4 address. The host itself has ${formatAddress(host.ipv4.address.address)}.`;
    return [{ title: 'IPv4 for VMs: there is none', words: ['ip_forward'], text: [text] }];
  }
  const text = `This host has no IPv4: host.toml has no table ipv4, so no NAT64 either. ${formatNetwork(host.ipv6.network)} is all there is.`;
  return [
    { title: 'IPv4: there is none', words: ['ipv4', 'v4', 'ip_forward', '/32'], text: [text] },
  ];
}
