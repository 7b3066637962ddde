import type { DeviceFact, Facts } from './facts.js';
import type { Host } from './host.js';
import { sameAddress } from './ip-address.js';
import type { Interfaced } from './ip-network.js';
import { layout } from './layout.js';
import { netdevFile, netplanFile } from './network-files.js';

/** A bridge that is not host.toml's, and has to do with it: a card of this host is in it, or a file of ours of before makes it. */
export interface StrayBridge {
  readonly name: string;
  /** Those of host.toml that are its ports, now or by a file. */
  readonly cards: readonly string[];
  /** Ports now; a card may be of their kind where the host is a container itself. */
  readonly vms: readonly string[];
  /** It led to the provider, or had the host's addresses: what was there is at the bridge of host.toml now. */
  readonly isSucceeded: boolean;
  /** Whether a file says so, which goes with it. */
  readonly isNamed: boolean;
}

type Seen = Pick<Facts, 'said' | 'kernel'>;

/** Nobody else's, such as libvirt's own virbr0 or Docker's, are among them. */
export function strayBridges(host: Host, { said, kernel }: Seen): readonly StrayBridge[] {
  const names = layout(host).map(({ device }) => device);
  const devices = kernel?.devices ?? [];
  const claims = [
    ...[...(said ?? [])].flatMap(([path, { devices: found }]) =>
      found.map(({ name, kind, ports, addresses }) => ({
        ...{ name, ports, addresses, isNamed: true },
        isOurs: path === netdevFile(name) || (path === netplanFile && kind === 'bridge'),
      })),
    ),
    ...devices
      .filter(({ kind }) => kind === 'bridge')
      .map(({ name, addresses }) => ({
        ...{ name, addresses, isNamed: false, isOurs: false },
        ports: devices.filter(({ master }) => master === name).map((port) => port.name),
      })),
  ].filter(({ name }) => !names.includes(name));
  const near = claims.filter(
    ({ isOurs, ports }) => isOurs || ports.some((port) => names.includes(port)),
  );
  return [...new Set(near.map(({ name }) => name))].map((name) => {
    const ofIt = claims.filter((one) => one.name === name);
    const ports = new Set(ofIt.flatMap((one) => one.ports));
    return {
      name,
      cards: names.filter((card) => ports.has(card)),
      vms: devices
        .filter((one) => one.master === name && isVm(one) && !names.includes(one.name))
        .map((one) => one.name),
      isSucceeded:
        ports.has(host.uplink.device) ||
        ofIt.some(({ isOurs, addresses }) => isOurs || hasOwn(host, addresses)),
      isNamed: near.some((one) => one.name === name && one.isNamed),
    };
  });
}

/**
 * Whether it is left. VMs at another one, behind a card that host.toml has at another place, have a network of their own: that of
 * the provider would be the wrong one.
 */
export function isLeft({ isSucceeded, vms }: StrayBridge): boolean {
  return isSucceeded || vms.length === 0;
}

/** Those that a file makes or fills which goes with them. */
export function formerBridges(host: Host, seen: Seen): readonly string[] {
  return strayBridges(host, seen)
    .filter((one) => one.isNamed && isLeft(one))
    .map(({ name }) => name);
}

/** libvirt makes a tap for each VM; a container has a veth. */
export function isVm({ kind }: DeviceFact): boolean {
  return kind === 'tun' || kind === 'veth';
}

function hasOwn({ ipv6, ipv4, inside }: Host, addresses: readonly Interfaced[]): boolean {
  const own = [ipv6.address, inside.address, ...(ipv4 === undefined ? [] : [ipv4.address.address])];
  return addresses.some(({ address }) => own.some((one) => sameAddress(one, address)));
}
