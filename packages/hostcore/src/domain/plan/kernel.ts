import type { AddressFact, DeviceFact, Facts, Kernel, RouteFact } from '../facts.js';
import type { Host } from '../host.js';
import { formatAddress, isLinkLocal } from '../ip-address.js';
import { formatInterfaced, formatNetwork, hostNetwork, type IpNetwork } from '../ip-network.js';
import { isOnLink, layout, type DeviceLayout, type LaidRoute } from '../layout.js';
import { bridgeChanges, ipv6Off, portChanges } from './links.js';
import { formerBridgeChanges } from './former-bridges.js';
import { movedRouters } from './moved-routers.js';
import { proxyChanges } from './proxies.js';
import { rewritingChanges } from './rewriting.js';
import type { KernelChange } from './kernel-change.js';
import { wantedSysctls } from '../sysctls.js';

/** In the order in which they can be made: bridges, what they are told before they are up, ports, what goes, what comes. */
export function planKernel(host: Host, facts: Facts): readonly KernelChange[] {
  const { kernel } = facts;
  if (kernel === undefined) return [];
  const devices = layout(host);
  const found = new Map(kernel.devices.map((one) => [one.name, one]));
  const bridges = devices.filter(({ kind }) => kind === 'bridge');
  const added = devices.flatMap((device) => [
    ...missingAddresses(device, found.get(device.device)),
    ...missingRoutes(device, kernel, found.get(device.device)),
  ]);
  const ports = (some: readonly DeviceLayout[]): readonly KernelChange[] =>
    some.flatMap((device) => portChanges(device, found.get(device.device)));
  const former = formerBridgeChanges(host, facts);
  const bridged = bridges.flatMap((bridge) =>
    bridgeChanges(host, bridge, found.get(bridge.device)),
  );
  return [
    ...bridged.filter(({ action }) => action === 'add'),
    ...sysctls(host, kernel),
    ...ipv6Off(devices, kernel),
    ...movedRouters(host, facts),
    // A card is out before the bridge gets another MAC address, which is told to everybody in it, and not to be heard by the
    // provider: its router would send there what it has for the host.
    ...ports(devices.filter(({ master }) => master === undefined)),
    ...bridged.filter(({ action }) => action !== 'add'),
    ...ports(devices.filter(({ master }) => master !== undefined)),
    ...former.moves,
    // What stands elsewhere goes before it comes here: a route can't be on two devices alike.
    ...[...devices, ...former.laid].flatMap((device) => [
      ...spareRoutes(device, kernel),
      ...spareAddresses(device, found.get(device.device)),
    ]),
    ...former.ends,
    ...added.filter(({ kind }) => kind === 'address'),
    ...added.filter(({ kind }) => kind === 'route'),
    ...proxyChanges(host, kernel),
    ...translatorRoutes(host, kernel),
    ...rules(kernel),
    // After ours, so that no frame leaves unchanged in between.
    ...rewritingChanges(host, facts),
  ];
}

function sysctls(host: Host, { sysctls: now }: Kernel): readonly KernelChange[] {
  return wantedSysctls(host).flatMap(({ key, value, why }) => {
    const present = now.get(key);
    if (present === value) return [];
    // No such device yet, or a module that is not loaded.
    const was = present === undefined ? ', is not there yet' : `, is ${present}`;
    return [
      {
        ...{ kind: 'sysctl', action: 'set', why },
        subject: `${key} = ${value}${was}`,
        command: `sysctl -w ${key}=${value}`,
      },
    ];
  });
}

function missingAddresses(
  { device, addresses }: DeviceLayout,
  found: DeviceFact | undefined,
): readonly KernelChange[] {
  return addresses.flatMap((one) => {
    const text = formatInterfaced(one);
    const present = found?.addresses.find((other) => written(other) === text);
    if (present !== undefined) return isLease(present) ? [forGood(device, one)] : [];
    return [
      {
        ...{ kind: 'address', action: 'add', device, address: one.address, why: one.why },
        subject: `${text} on ${device}`,
        command: `ip address add ${text} dev ${device}${one.address.family === 6 ? ' nodad' : ''}`,
      },
    ];
  });
}

/** By DHCP; IPv6's own that lapse are advertised anew. */
function isLease({ address, dynamic }: AddressFact): boolean {
  return address.family === 4 && dynamic;
}

/** What DHCP gave goes by itself when its lease runs out, whoever has it in a file. */
function forGood(device: string, one: DeviceLayout['addresses'][number]): KernelChange {
  const text = formatInterfaced(one);
  return {
    ...{ kind: 'address', action: 'set', device, address: one.address },
    subject: `${text} on ${device}`,
    why: 'it is leased by DHCP, and is to stay when the lease runs out',
    command: `ip address change ${text} dev ${device} valid_lft forever preferred_lft forever`,
  };
}

function spareAddresses(
  { device, addresses }: DeviceLayout,
  found: DeviceFact | undefined,
): readonly KernelChange[] {
  const wanted = new Set(addresses.map(formatInterfaced));
  return (found?.addresses ?? []).flatMap((one) => {
    const text = written(one);
    if (wanted.has(text) || one.scope === 'host' || isLinkLocal(one.address)) return [];
    return [
      {
        ...{ kind: 'address', action: 'remove', device, address: one.address },
        subject: `${text} on ${device}`,
        why: whySpare(one),
        command: `ip address del ${text} dev ${device}`,
      },
    ];
  });
}

function whySpare(one: AddressFact): string {
  if (isLease(one)) return 'it is leased by DHCP, and host.toml does not have it there';
  return one.dynamic ? 'it came by a router advertisement' : 'host.toml does not have it there';
}

/** As `ip address` takes it: one that has a peer is another one than the same without. */
function written(one: AddressFact): string {
  if (one.peer === undefined) return formatInterfaced(one);
  return `${formatAddress(one.address)} peer ${formatAddress(one.peer)}/${one.length}`;
}

function missingRoutes(
  laid: DeviceLayout,
  kernel: Kernel,
  found: DeviceFact | undefined,
): readonly KernelChange[] {
  const forgets = losesIpv4(laid, found);
  return laid.routes.flatMap((route) => {
    const isThere = kernel.routes.some((one) => isRoute(one, route, laid.device));
    const forgotten = (forgets && route.to.family === 4) || isOfPeer(route, found);
    if (isThere && !forgotten) return [];
    const words = routeWords(laid, route);
    const why = isThere
      ? `${route.why}; the kernel forgets it with the addresses of ${laid.device} that go`
      : route.why;
    return [
      {
        ...{ kind: 'route', action: 'add', device: laid.device, route, why },
        ...{ subject: words, command: `ip -${route.to.family} route replace ${words}` },
      },
    ];
  });
}

/** With the last IPv4 address of a device, its IPv4 routes go, whoever made them. */
function losesIpv4(laid: DeviceLayout, found: DeviceFact | undefined): boolean {
  const four = (found?.addresses ?? []).filter(({ address }) => address.family === 4);
  const wanted = laid.addresses.filter(({ address }) => address.family === 4);
  const kept = four.some((one) => wanted.some((other) => written(one) === formatInterfaced(other)));
  return four.length > 0 && !kept;
}

/** The kernel made it of a point-to-point address, with which it goes. */
function isOfPeer({ to }: LaidRoute, found: DeviceFact | undefined): boolean {
  return (found?.addresses ?? []).some(
    ({ peer }) => peer !== undefined && formatNetwork(hostNetwork(peer)) === formatNetwork(to),
  );
}

function spareRoutes(laid: DeviceLayout, kernel: Kernel): readonly KernelChange[] {
  return kernel.routes.flatMap((one) => {
    if (one.device !== laid.device || one.protocol === 'kernel') return [];
    if (laid.routes.some((route) => isRoute(one, route, laid.device))) return [];
    // What routers on the link announce is wanted where host.toml accepts it, and else lapses with accept_ra.
    if (one.kind === 'multicast' || one.kind === 'local') return [];
    const via = one.via === undefined ? '' : ` via ${formatAddress(one.via)}`;
    const words = `${destination(one.to)}${via} dev ${laid.device}`;
    return [
      {
        ...{ kind: 'route', action: 'remove', device: laid.device, subject: words },
        why:
          one.protocol === 'ra'
            ? 'it came by a router advertisement'
            : 'host.toml does not have it',
        route: { to: one.to, via: one.via, kind: 'unicast' },
        command: `ip -${one.to.family} route del ${words}`,
      },
    ];
  });
}

function isRoute(found: RouteFact, wanted: LaidRoute, device: string): boolean {
  const unreachable = wanted.kind === 'unreachable';
  return (
    formatNetwork(found.to) === formatNetwork(wanted.to) &&
    (found.kind === 'unreachable') === unreachable &&
    (unreachable || found.device === device) &&
    found.via?.bits === wanted.via?.bits
  );
}

function routeWords(laid: DeviceLayout, { to, via, kind }: LaidRoute): string {
  if (kind === 'unreachable') return `unreachable ${formatNetwork(to)}`;
  if (via === undefined) return `${destination(to)} dev ${laid.device}`;
  const onLink = isOnLink(laid, via) ? ' onlink' : '';
  return `${destination(to)} via ${formatAddress(via)} dev ${laid.device}${onLink}`;
}

function destination(to: IpNetwork): string {
  return to.length === 0 ? 'default' : formatNetwork(to);
}

/** tayga's unit makes them; that they are there is how one sees from outside that it did. */
function translatorRoutes({ nat64 }: Host, kernel: Kernel): readonly KernelChange[] {
  if (nat64?.engine !== 'tayga') return [];
  const wanted: readonly (readonly [IpNetwork, string])[] = [
    [nat64.prefix, 'all of IPv4, as the machines inside see it, leads to tayga'],
    [nat64.pool, 'what comes back from IPv4 leads to tayga'],
    [hostNetwork(nat64.ipv6), "tayga's own address"],
  ];
  return wanted.flatMap(([to, why]) => {
    const there = kernel.routes.some(
      (one) => one.device === 'nat64' && formatNetwork(one.to) === formatNetwork(to),
    );
    if (there) return [];
    const words = `${formatNetwork(to)} dev nat64`;
    return [
      {
        ...{ kind: 'route', action: 'add', device: 'nat64', why, subject: words },
        command: 'systemctl restart sixhub-tayga',
      },
    ];
  });
}

function rules({ rules }: Kernel): readonly KernelChange[] {
  if (rules?.wanted === undefined) return [];
  const names = [...new Set([...rules.wanted.keys(), ...rules.ours.keys()])];
  return names.flatMap((name) => {
    const [present, wanted] = [rules.ours.get(name), rules.wanted?.get(name)];
    if (present === wanted) return [];
    const action = wanted === undefined ? 'remove' : present === undefined ? 'add' : 'set';
    const why =
      present !== undefined && wanted !== undefined
        ? 'what the kernel has is not what the file says'
        : (tableWhy[name] ?? '');
    return [
      {
        ...{ kind: 'rules', action, subject: `table ${name}`, why },
        command:
          wanted === undefined ? `nft delete table ${name}` : 'nft -f /etc/sixhub/nftables.nft',
      },
    ];
  });
}

const tableWhy: Readonly<Record<string, string>> = {
  'bridge sixhub_guard':
    'no VM is a router to another; with mode bridged, nothing foreign reaches the provider',
  'ip sixhub_nat': "packets of the NAT64 leave with the host's address",
};
