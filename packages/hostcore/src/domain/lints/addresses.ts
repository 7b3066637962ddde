import type { Host } from '../host.js';
import { formatAddress, type IpAddress } from '../ip-address.js';
import { contains, formatNetwork, type IpNetwork } from '../ip-network.js';
import type { Lint } from '../lint.js';
import { specialUse } from '../special-networks.js';

export const addressLints: readonly Lint[] = [
  {
    id: 'documentation-address',
    severity: 'error',
    reason:
      "Addresses of examples are routed nowhere; copied from a provider's documentation, they look like a broken network.",
    clause: 'RFC 3849, RFC 5737, RFC 9637',
    *find(host) {
      for (const { path, value, what } of namedAddresses(host)) {
        const special = specialUse(value);
        if (special?.use !== 'documentation') continue;
        const text = 'length' in value ? formatNetwork(value) : formatAddress(value);
        yield {
          ...{
            path,
            fact: `${what} ${text} is from ${formatNetwork(special.network)}, which is for documentation (${special.clause})`,
          },
          remedy: "Write the real one: from the provider's order mail or its panel.",
        };
      }
    },
  },
  {
    id: 'unroutable-address',
    severity: 'error',
    reason: 'What is private or reserved here, no router of the internet brings back.',
    clause: 'RFC 6890',
    *find(host) {
      const global: readonly [PropertyKey[], IpNetwork | IpAddress, string][] = [
        [['ipv6', 'network'], host.ipv6.network, 'the network'],
        ...host.vms.flatMap(({ name, ipv4 }): [PropertyKey[], IpAddress, string][] =>
          ipv4 === undefined ? [] : [[['vm', name, 'ipv4'], ipv4, `VM ${name}'s address`]],
        ),
      ];
      for (const [path, value, what] of global) {
        const special = specialUse(value);
        if (special === undefined || special.use === 'documentation') continue;
        const text = 'length' in value ? formatNetwork(value) : formatAddress(value);
        yield {
          ...{ path, fact: `${what} ${text} is ${special.use} (${special.clause})` },
          remedy: 'Take an address that the provider has assigned to this server.',
        };
      }
    },
  },
  {
    id: 'ipv4-not-ours',
    severity: 'warning',
    reason:
      'A host that routes an address which the provider sends elsewhere cuts itself off from whoever has it.',
    clause: 'guide 5.3',
    *find({ vms, ipv4 }) {
      for (const { name, ipv4: own } of vms) {
        if (own === undefined || ipv4 === undefined) continue;
        if (ipv4.networks.some((network) => contains(network, own))) continue;
        yield {
          path: ['vm', name, 'ipv4'],
          fact: `${formatAddress(own)} of VM ${name} is in none of ipv4.networks`,
          remedy: `If the provider routes it here: ipv4.networks = ["${formatAddress(own)}/32"]; else it isn't ours.`,
        };
      }
    },
  },
  {
    id: 'guessable-address',
    severity: 'note',
    reason: 'Without a seed the host part follows from the MAC address, which neighbours know.',
    clause: 'RFC 7217 §5',
    *find({ ipv6 }) {
      if (!ipv6.derived || ipv6.seeded) return;
      yield {
        path: ['ipv6'],
        fact: 'address = "random" has no seed',
        remedy:
          'ipv6.seed = "…", 16 characters or more (`openssl rand -hex 16`). It changes the address.',
      };
    },
  },
];

interface Named {
  readonly path: readonly PropertyKey[];
  readonly value: IpAddress | IpNetwork;
  readonly what: string;
}

function* namedAddresses(host: Host): Generator<Named> {
  const { ipv6, ipv4, ra, dns64, resolvers, vms, routes } = host;
  yield { path: ['ipv6', 'network'], value: ipv6.network, what: 'the network' };
  yield { path: ['ipv6', 'gateway'], value: ipv6.gateway, what: 'the router' };
  if (ipv4 !== undefined) {
    yield { path: ['ipv4', 'address'], value: ipv4.address.address, what: "the host's address" };
    yield { path: ['ipv4', 'gateway'], value: ipv4.gateway, what: 'the router' };
  }
  yield* each(resolvers, 'the resolver', ['resolvers']);
  if (dns64 !== undefined && dns64.forwarders !== resolvers) {
    yield* each(dns64.forwarders, 'the forwarder', ['dns64', 'forwarders']);
  }
  if (ra !== undefined) {
    // The host's own address there is not to blame for its network's.
    const others = ra.resolvers.filter((one) => !contains(host.inside.network, one));
    yield* each(others, 'the advertised name server', ['ra', 'resolvers']);
  }
  for (const { name, ipv4: own } of vms) {
    if (own !== undefined)
      yield { path: ['vm', name, 'ipv4'], value: own, what: `VM ${name}'s address` };
  }
  for (const [index, { to }] of routes.entries()) {
    yield { path: ['route', index, 'to'], value: to, what: 'the route to' };
  }
}

function* each(
  values: readonly IpAddress[],
  what: string,
  path: readonly PropertyKey[],
): Generator<Named> {
  for (const [index, value] of values.entries()) yield { path: [...path, index], value, what };
}
