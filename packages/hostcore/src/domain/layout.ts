import type { Host } from './host.js';
import type { IpAddress } from './ip-address.js';
import { contains, hostNetwork, networkOf, type Interfaced, type IpNetwork } from './ip-network.js';

/**
 * Which device has which addresses and routes: the four modes, once, for every network manager and for the comparison with
 * the kernel.
 */
export interface DeviceLayout {
  readonly device: string;
  readonly kind: 'card' | 'bridge';
  readonly master: string | undefined;
  readonly addresses: readonly Placed<Interfaced>[];
  readonly routes: readonly Placed<LaidRoute>[];
}

export interface LaidRoute {
  readonly to: IpNetwork;
  readonly via: IpAddress | undefined;
  readonly kind: 'unicast' | 'unreachable';
}

/** With what it is for, in the words of `plan` and `explain`. */
export type Placed<T> = T & { readonly why: string };

const everything6: IpNetwork = { family: 6, bits: 0n, length: 0 };
const everything4: IpNetwork = { family: 4, bits: 0n, length: 0 };

export function layout(host: Host): readonly DeviceLayout[] {
  const { uplink, inside, links } = host;
  const bridged = uplink.mode === 'bridged';
  const outer = { addresses: outerAddresses(host), routes: outerRoutes(host) };
  const inner = { addresses: innerAddresses(host), routes: innerRoutes(host) };
  const none = { addresses: [], routes: [] };
  const card = (device: string, master?: string) => ({ device, kind: 'card' as const, master });
  const laid: DeviceLayout[] = [
    bridged
      ? { ...card(uplink.device, inside.device), ...none }
      : { ...card(uplink.device), ...outer },
    {
      ...{ device: inside.device, master: undefined },
      kind: inside.bridge ? 'bridge' : 'card',
      addresses: [...inner.addresses, ...(bridged ? outer.addresses : [])],
      routes: [...inner.routes, ...(bridged ? outer.routes : [])],
    },
    ...inside.ports.map((port) => ({ ...card(port, inside.device), ...none })),
    ...links.map(({ device, addresses }) => ({
      ...card(device),
      addresses: addresses.map((one) => ({ ...one, why: 'its own on this link' })),
      routes: [],
    })),
  ];
  return laid.map((one) => ({ ...one, routes: [...one.routes, ...ownRoutes(host, one.device)] }));
}

function outerAddresses(host: Host): readonly Placed<Interfaced>[] {
  const { uplink, ipv6, ipv4 } = host;
  const own4 =
    ipv4 === undefined ? [] : [{ ...ipv4.address, why: "the host's IPv4 address at the provider" }];
  if (uplink.mode === 'bridged') return own4;
  const why =
    uplink.mode === 'on-link'
      ? "the host's own address, at the card, where the provider asks for it (neighbour discovery)"
      : "the host's own address: what leaves through the card is sent from it; /128, since the network is behind the bridge";
  return [{ address: ipv6.address, length: 128, why }, ...own4];
}

function outerRoutes(host: Host): readonly Placed<LaidRoute>[] {
  const { ipv6, ipv4, uplink, inside } = host;
  const kind = 'unicast' as const;
  const routes: Placed<LaidRoute>[] = [];
  if (uplink.mode !== 'bridged' && contains(inside.network, ipv6.gateway)) {
    const why = "the provider's router has an address in the network that is behind the bridge";
    routes.push({ to: hostNetwork(ipv6.gateway), via: undefined, kind, why });
  }
  routes.push({ to: everything6, via: ipv6.gateway, kind, why: "the provider's router (IPv6)" });
  if (ipv4 !== undefined) {
    routes.push({ to: everything4, via: ipv4.gateway, kind, why: "the provider's router (IPv4)" });
  }
  if (uplink.mode === 'routed-prefix') {
    const why =
      'what the provider routes here and no bridge has would go back to it, and round and round (RFC 7084 WPD-5)';
    routes.push({ to: ipv6.network, via: undefined, kind: 'unreachable', why });
  }
  return routes;
}

function innerAddresses({ inside, uplink }: Host): readonly Placed<Interfaced>[] {
  const why =
    uplink.mode === 'bridged'
      ? "the host's own address, on the bridge, which has swallowed the card"
      : 'where the VMs find the host: their name server, and the network on the link';
  return [{ address: inside.address, length: inside.network.length, why }];
}

function innerRoutes({ vms }: Host): readonly Placed<LaidRoute>[] {
  return vms.flatMap(({ name, ipv4 }) =>
    ipv4 === undefined
      ? []
      : [
          {
            ...{ to: hostNetwork(ipv4), via: undefined, kind: 'unicast' as const },
            why: `the IPv4 address of VM ${name}`,
          },
        ],
  );
}

function ownRoutes({ routes }: Host, device: string): readonly Placed<LaidRoute>[] {
  return routes
    .filter((route) => route.device === device)
    .map(({ to, via }) => ({ to, via, kind: 'unicast' as const, why: 'a route of host.toml' }));
}

/** Whether the gateway must be taken for reachable without an address of its network. */
export function isOnLink(device: DeviceLayout, via: IpAddress): boolean {
  return !device.addresses.some(({ address, length }) => contains(networkOf(address, length), via));
}
