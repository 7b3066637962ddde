import { formatAddress, isLinkLocal, sameAddress, type IpAddress } from '../domain/ip-address.js';
import { contains, networkOf, type Interfaced, type IpNetwork } from '../domain/ip-network.js';
import { specialUse } from '../domain/special-networks.js';
import type { Devices, ReadDevice } from './reading.js';

/** Where the provider is, and what stands behind the host: read out of devices, whoever configured them. */
export interface Concluded {
  readonly uplink: ReadDevice;
  readonly bridge: ReadDevice | undefined;
  readonly mode: 'routed-link-local' | 'bridged' | 'on-link' | 'routed-prefix';
  readonly network: IpNetwork | undefined;
  readonly address: IpAddress | undefined;
  readonly insideNetwork: IpNetwork | undefined;
  readonly insideAddress: IpAddress | undefined;
  readonly gateway6: IpAddress | undefined;
  readonly ipv4: Interfaced | undefined;
  readonly gateway4: IpAddress | undefined;
  /** Addresses that are routed to the inside: VMs', one by one. */
  readonly routed4: readonly IpAddress[];
  readonly others: readonly ReadDevice[];
}

/** How the host advertises itself: on which device, and what it says of who answers names there. */
interface Advertised {
  readonly device: string;
  readonly resolvers: readonly IpAddress[];
}

export function conclude(
  devices: Devices,
  proxied: boolean,
  router?: Advertised,
): Concluded | undefined {
  const all = [...devices.all.values()];
  const outer = all.find((one) => defaultRoute(one, 6)) ?? all.find((one) => defaultRoute(one, 4));
  if (outer === undefined) return undefined;
  const bridged = outer.kind === 'bridge' && outer.ports.length > 0;
  const uplink = bridged ? devices.get(outer.ports[0] ?? '') : outer;
  const bridge = bridged ? outer : all.find((one) => one.kind === 'bridge');
  const behind =
    bridge ?? (router?.device === uplink.name ? undefined : devices.all.get(router?.device ?? ''));
  const ipv6 = concludeIpv6(outer, behind, router?.resolvers ?? []);
  const ipv4 = globals(outer, 4)[0];
  const gateway4 = wayOut(outer, 4) ?? outer.peers.find(({ family }) => family === 4);
  const own = [uplink, bridge, outer];
  return {
    ...{ uplink, bridge, ipv4, gateway4, ...ipv6 },
    mode: modeOf({ bridged, proxied, network: ipv6.network }),
    gateway6: wayOut(outer, 6),
    routed4: singles(bridge ?? outer, ipv4?.address, gateway4),
    others: all.filter((one) => !own.includes(one) && bridge?.ports.includes(one.name) !== true),
  };
}

function concludeIpv6(
  outer: ReadDevice,
  behind: ReadDevice | undefined,
  advertised: readonly IpAddress[],
): Pick<Concluded, 'network' | 'address' | 'insideNetwork' | 'insideAddress'> {
  // Of several, the one that the VMs know: with another their name server would be gone.
  const known = (device: ReadDevice): Interfaced | undefined =>
    globals(device, 6).find(({ address }) => advertised.some((one) => sameAddress(one, address))) ??
    globals(device, 6)[0];
  const own = known(outer);
  const inner = behind === undefined ? undefined : known(behind);
  const insideNetwork = inner === undefined ? undefined : networkOf(inner.address, 64);
  // Where more than a /64 is routed here, what of it is nowhere is unreachable.
  const given = outer.routes.find(
    ({ to, via }) => via === undefined && to.family === 6 && to.length > 0 && to.length < 64,
  );
  return {
    network: own === undefined ? insideNetwork : (given?.to ?? around(own, insideNetwork)),
    address: own?.address ?? inner?.address,
    ...{ insideNetwork, insideAddress: inner?.address },
  };
}

function wayOut({ routes }: ReadDevice, family: 4 | 6): IpAddress | undefined {
  return routes.find(({ to }) => to.length === 0 && to.family === family)?.via;
}

function modeOf(seen: {
  readonly bridged: boolean;
  readonly proxied: boolean;
  readonly network: IpNetwork | undefined;
}): Concluded['mode'] {
  if (seen.bridged) return 'bridged';
  if (seen.proxied) return 'on-link';
  return (seen.network?.length ?? 64) < 64 ? 'routed-prefix' : 'routed-link-local';
}

function defaultRoute(device: ReadDevice, family: 4 | 6): boolean {
  return wayOut(device, family) !== undefined;
}

function globals({ addresses }: ReadDevice, family: 4 | 6): readonly Interfaced[] {
  return addresses.filter(
    ({ address }) =>
      address.family === family && !isLinkLocal(address) && specialUse(address)?.use !== 'loopback',
  );
}

/** The network that the provider gave: the /64, or what holds both the host's and the inside's. */
function around(own: Interfaced, inside: IpNetwork | undefined): IpNetwork {
  const usual = networkOf(own.address, Math.min(own.length, 64));
  if (inside === undefined || contains(usual, inside)) return usual;
  for (let length = 60; length >= 32; length -= 4) {
    const wider = networkOf(own.address, length);
    if (contains(wider, inside)) return length > 56 ? networkOf(own.address, 56) : wider;
  }
  return usual;
}

/** Routes to one address, and peers, but for the provider's router. */
function singles(
  { routes, peers }: ReadDevice,
  own: IpAddress | undefined,
  gateway: IpAddress | undefined,
): readonly IpAddress[] {
  const found = [
    ...routes.flatMap(({ to }) =>
      to.family === 4 && to.length === 32 ? [{ family: to.family, bits: to.bits }] : [],
    ),
    ...peers.filter(({ family }) => family === 4),
  ].filter(
    (one) => ![own, gateway].some((other) => other !== undefined && sameAddress(one, other)),
  );
  return found.filter(
    (one, index) =>
      found.findIndex((other) => formatAddress(other) === formatAddress(one)) === index,
  );
}
