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

export function conclude(devices: Devices, proxied: boolean): Concluded | undefined {
  const all = [...devices.all.values()];
  const outer = all.find((one) => defaultRoute(one, 6)) ?? all.find((one) => defaultRoute(one, 4));
  if (outer === undefined) return undefined;
  const bridged = outer.kind === 'bridge' && outer.ports.length > 0;
  const uplink = bridged ? devices.get(outer.ports[0] ?? '') : outer;
  const bridge = bridged ? outer : all.find((one) => one.kind === 'bridge');
  const own = globals(outer, 6)[0];
  const inner = bridge === undefined ? undefined : globals(bridge, 6)[0];
  const insideNetwork = inner === undefined ? undefined : networkOf(inner.address, 64);
  const network = own === undefined ? insideNetwork : around(own, insideNetwork);
  const gateway4 =
    outer.routes.find(({ to }) => to.length === 0 && to.family === 4)?.via ??
    outer.peers.find(({ family }) => family === 4);
  const ipv4 = globals(outer, 4)[0];
  const routed = bridged || bridge === undefined ? outer : bridge;
  return {
    ...{ uplink, bridge, network, insideNetwork, ipv4, gateway4 },
    mode: modeOf({ bridged, proxied, network }),
    address: own?.address ?? inner?.address,
    insideAddress: inner?.address,
    gateway6: outer.routes.find(({ to }) => to.length === 0 && to.family === 6)?.via,
    routed4: singles(routed, ipv4?.address, gateway4),
    others: all.filter(
      (one) =>
        one !== uplink &&
        one !== bridge &&
        one !== outer &&
        !(bridge?.ports ?? []).includes(one.name),
    ),
  };
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

function defaultRoute({ routes }: ReadDevice, family: 4 | 6): boolean {
  return routes.some(({ to, via }) => to.length === 0 && to.family === family && via !== undefined);
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
