import { formatAddress, sameAddress } from '../ip-address.js';
import {
  contains,
  formatNetwork,
  hostNetwork,
  networkOf,
  sameNetwork,
  type IpNetwork,
} from '../ip-network.js';
import type { Lint } from '../lint.js';
import { localUsePrefix, specialUse, wellKnownPrefix } from '../special-networks.js';
import { atLeast, canPref64, software } from '../software.js';

/** NAT64, DNS64 and router advertisements: what their daemons' own checks let pass. */
export const translationLints: readonly Lint[] = [
  {
    id: 'prefix-not-64',
    severity: 'error',
    reason:
      "A prefix of another length passes radvd's check, and no machine makes an address of it.",
    clause: 'RFC 4862 §5.5.3 d, RFC 7421',
    *find({ inside, ra, vms }) {
      if (inside.network.length === 64 || (ra === undefined && vms.length === 0)) return;
      yield {
        path: ['inside', 'network'],
        fact: `${inside.device} is to have ${formatNetwork(inside.network)}, and SLAAC needs a /64`,
        remedy: 'Take a /64; a provider that gives less gives too little (RFC 6177).',
      };
    },
  },
  {
    id: 'well-known-prefix-private-ipv4',
    severity: 'warning',
    reason:
      'The well-known prefix never stands for private addresses: tayga drops such packets in silence.',
    clause: 'RFC 6052 §3.1',
    *find({ nat64, ipv4, routes, links }) {
      if (nat64 === undefined || !sameNetwork(nat64.prefix, wellKnownPrefix)) return;
      const reached: readonly IpNetwork[] = [
        ...(ipv4 === undefined ? [] : [hostNetwork(ipv4.address.address)]),
        ...routes.map(({ to }) => to),
        ...links.flatMap(({ addresses }) =>
          addresses.map(({ address, length }) => networkOf(address, length)),
        ),
      ];
      const inner = reached.find((one) => one.family === 4 && specialUse(one)?.use === 'private');
      if (inner === undefined) return;
      yield {
        path: ['nat64', 'prefix'],
        fact: `IPv4 machines around ${formatNetwork(inner)} can't be reached through 64:ff9b::/96`,
        remedy: 'If they are to be: nat64.prefix = a /96 of your own network.',
      };
    },
  },
  {
    id: 'tayga-refuses-prefix',
    severity: 'error',
    reason:
      'tayga 0.9.2 ends at once with a prefix for local use, although it is the right one to take.',
    clause: 'RFC 8215',
    *find({ nat64 }) {
      if (nat64?.engine !== 'tayga' || !contains(localUsePrefix, nat64.prefix)) return;
      yield {
        path: ['nat64', 'prefix'],
        fact: `tayga refuses ${formatNetwork(nat64.prefix)}`,
        remedy: 'Take a /96 of your own network, or 64:ff9b::/96.',
      };
    },
  },
  {
    id: 'tayga-without-ipv6-addr',
    severity: 'error',
    reason:
      'tayga needs an IPv6 address of its own where its IPv4 one is private and the prefix well known.',
    clause: 'tayga.conf(5), RFC 6052 §3.1',
    *find(_, facts) {
      const config = facts.files.get('/etc/tayga.conf');
      if (config === undefined || !/^\s*prefix\s+64:ff9b::\/96/m.test(config)) return;
      if (/^\s*ipv6-addr\s/m.test(config)) return;
      yield {
        fact: '/etc/tayga.conf, as it is, has 64:ff9b::/96 and no ipv6-addr: tayga does not start with it',
        remedy: 'The rendered file has one.',
      };
    },
  },
  {
    id: 'pref64-unknown',
    severity: 'error',
    reason: 'An older radvd takes nat64prefix for a syntax error and sends nothing at all.',
    clause: 'RFC 8781; radvd 2.20, systemd 255',
    *find({ ra, release, nat64 }, facts) {
      if (ra?.pref64 !== 'always' || nat64 === undefined) return;
      const installed = facts.packages?.get('radvd');
      const can =
        ra.engine === 'radvd' && installed !== undefined
          ? atLeast(installed, '2.20')
          : canPref64(release, ra.engine);
      if (can) return;
      const { name, radvd, systemd } = software[release];
      const version = ra.engine === 'radvd' ? `radvd ${installed ?? radvd}` : `systemd ${systemd}`;
      yield {
        path: ['ra', 'pref64'],
        fact: `${version} of ${name} does not know PREF64`,
        remedy: 'pref64 = "auto": the route and DNS64 do without it.',
      };
    },
  },
  {
    id: 'open-resolver',
    severity: 'error',
    reason: 'A resolver that answers everybody is found within hours and used to flood others.',
    clause: 'RFC 5358',
    *find(host) {
      const { dns64, ipv6, ipv4, links } = host;
      if (dns64 === undefined) return;
      const own = [
        ipv6.network,
        ...(ipv4?.networks ?? []),
        ...links.flatMap((one) => one.announce),
      ];
      for (const [index, client] of dns64.clients.entries()) {
        if (own.some((network) => contains(network, client)) || isLocal(client)) continue;
        if (client.length > (client.family === 6 ? 32 : 16)) continue;
        yield {
          path: ['dns64', 'clients', index],
          fact: `${formatNetwork(client)} lets half the internet ask`,
          remedy: 'Name the networks of your own machines.',
        };
      }
    },
  },
  {
    id: 'forwarder-is-self',
    severity: 'error',
    reason: 'A name server that asks itself answers nothing.',
    clause: 'RFC 1536 §2',
    *find({ dns64, inside, ipv6 }) {
      const index = dns64?.forwarders.findIndex(
        (one) => sameAddress(one, inside.address) || sameAddress(one, ipv6.address),
      );
      if (index === undefined || index < 0) return;
      yield {
        path: ['dns64', 'forwarders'],
        fact: "the host's own address is among the forwarders",
        remedy: "Name the provider's resolvers, or public ones.",
      };
    },
  },
  {
    id: 'external-dns64-prefix',
    severity: 'error',
    reason: 'A public DNS64 makes addresses of 64:ff9b::/96 and knows no other prefix.',
    clause: 'RFC 6147 §5.2',
    *find({ nat64, ra, dns64 }) {
      if (nat64 === undefined || ra === undefined || dns64 !== undefined) return;
      if (sameNetwork(nat64.prefix, wellKnownPrefix)) return;
      yield {
        path: ['nat64', 'prefix'],
        fact: `no DNS64 here makes addresses of ${formatNetwork(nat64.prefix)}`,
        remedy: 'Add a table dns64, or take prefix = "64:ff9b::/96".',
      };
    },
  },
  {
    id: 'nobody-to-ask',
    severity: 'warning',
    reason: 'A machine without IPv4 that is told no name server can reach nothing by name.',
    clause: 'RFC 8106 §1',
    *find({ ra }) {
      if (ra === undefined || ra.resolvers.length > 0) return;
      yield {
        path: ['ra'],
        fact: 'no name server is advertised',
        remedy:
          'Add a table dns64, or ra.resolvers = ["2001:4860:4860::6464", "2001:4860:4860::64"].',
      };
    },
  },
  {
    id: 'nobody-answers',
    severity: 'warning',
    reason: 'A machine waits for a name server that is not there before it asks the next, if any.',
    clause: 'RFC 8106 §5.3.1, resolv.conf(5)',
    *find({ ra, inside, ipv6, vms }) {
      const own = [inside.address, ipv6.address, ...vms.map(({ address }) => address)];
      for (const [index, one] of (ra?.resolvers ?? []).entries()) {
        if (!contains(inside.network, one) || own.some((known) => sameAddress(known, one)))
          continue;
        yield {
          path: ['ra', 'resolvers', index],
          fact: `${formatAddress(one)} is advertised as name server, and neither the host nor a VM of host.toml has it`,
          remedy: `Leave resolvers out where the host answers (${formatAddress(inside.address)}), or correct the address.`,
        };
      }
    },
  },
];

function isLocal(network: IpNetwork): boolean {
  const use = specialUse(network)?.use;
  return use === 'private' || use === 'loopback' || use === 'shared';
}
