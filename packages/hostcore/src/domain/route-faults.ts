import type { Complaint } from './complaint.js';
import { outerDevice, type Host } from './host.js';
import { formatAddress, sameAddress } from './ip-address.js';
import { contains, formatNetwork, networkOf, overlaps } from './ip-network.js';

/** Static routes and links to other hosts. */
export function* routeFaults(host: Host): Generator<Complaint> {
  const { uplink, inside, links } = host;
  const devices = [uplink.device, inside.device, ...links.map(({ device }) => device)];
  for (const [index, route] of host.routes.entries()) {
    if (!devices.includes(route.device)) {
      yield {
        path: ['route', index, 'device'],
        message: `'${route.device}' is not described`,
        remedy: `Name one of ${devices.join(', ')}, or describe it: [host.${host.name}.link.${route.device}]`,
        against: [
          ['uplink', 'device'],
          ['inside', 'device'],
          ['link', route.device],
        ],
      };
    }
    if (route.device === uplink.device && outerDevice(host) !== route.device) {
      yield {
        path: ['route', index, 'device'],
        message: `${route.device} is a port of ${inside.device} with mode bridged`,
        remedy: `Write: device = "${inside.device}"`,
        against: [['uplink', 'mode']],
      };
    }
    if (route.via !== undefined && route.via.family !== route.to.family) {
      yield {
        path: ['route', index, 'via'],
        message: `${formatAddress(route.via)} is IPv${route.via.family}, and the destination ${formatNetwork(route.to)} is IPv${route.to.family}`,
        remedy: `Write the next router's IPv${route.to.family} address.`,
        against: [['route', index, 'to']],
      };
    }
    if (contains(inside.network, route.to)) {
      yield {
        path: ['route', index, 'to'],
        message: `${formatNetwork(route.to)} is in the network of the VMs, ${formatNetwork(inside.network)}`,
        remedy: 'Take the route away: what is there is on the bridge already.',
        against: [
          ['ipv6', 'network'],
          ['inside', 'network'],
        ],
      };
    }
    const own = [host.ipv6.address, inside.address, host.ipv4?.address.address];
    const { via } = route;
    if (via !== undefined && own.some((one) => one !== undefined && sameAddress(one, via))) {
      yield {
        path: ['route', index, 'via'],
        message: `${formatAddress(via)} is this host's own address`,
        remedy: 'Write the next router; without via, the destination is on the link of device.',
        against: [['ipv6'], ['inside'], ['ipv4']],
      };
    }
    if (route.to.length === 0) {
      yield {
        path: ['route', index, 'to'],
        message: `${formatNetwork(route.to)} is everything, and its router stands elsewhere`,
        remedy: `Take the route away, and write the router as gateway below [host.${host.name}.ipv${route.to.family}].`,
      };
    }
    const earlier = host.routes
      .slice(0, index)
      .find((one) => formatNetwork(one.to) === formatNetwork(route.to));
    if (earlier !== undefined) {
      yield {
        path: ['route', index, 'to'],
        message: `there is a route to ${formatNetwork(route.to)} already`,
        remedy: 'Keep one of the two.',
      };
    }
  }
  yield* linkFaults(host);
}

function* linkFaults(host: Host): Generator<Complaint> {
  const { uplink, inside, links } = host;
  for (const link of links) {
    const other = [uplink.device, inside.device, ...inside.ports].find(
      (one) => one === link.device,
    );
    if (other !== undefined) {
      yield {
        path: ['link', link.device],
        message: `${link.device} is described already, as uplink or inside`,
        remedy: 'A link is a further card: name that, or take the table away.',
        against: [['uplink', 'device'], ['inside']],
      };
    }
    for (const [index, { address, length }] of link.addresses.entries()) {
      const network = networkOf(address, length);
      const taken = [
        host.ipv6.network,
        ...(host.nat64 === undefined ? [] : [host.nat64.pool]),
      ].find((one) => overlaps(one, network));
      if (taken === undefined) continue;
      yield {
        path: ['link', link.device, 'addresses', index],
        message: `${formatNetwork(network)} overlaps ${formatNetwork(taken)}, which is ${taken.family === 6 ? "the provider's network" : "the NAT64's pool"}`,
        remedy: 'Give one of the two another network: a packet knows one way.',
        against: [
          ['ipv6', 'network'],
          ['nat64', 'pool'],
        ],
      };
    }
  }
}
