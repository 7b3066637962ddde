import type { RewritingRule } from '../facts.js';
import { rewritingAdded, rewritingSpare } from './rewriting-back.js';

/** What the kernel does on the devices of a description, as words that make it so again. */
export interface KernelState {
  readonly devices: readonly DeviceState[];
  /** All other links by name, with their bridge; empty without one. They are others', VMs' above all. */
  readonly ports?: Readonly<Record<string, string>>;
  readonly routes: readonly RouteState[];
  /** `ADDRESS dev DEVICE`, as `ip neigh add proxy` takes it. */
  readonly proxies: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  /** Our tables as nft prints them; those that are not there are not here. */
  readonly tables: Readonly<Record<string, string>>;
  /** Rules of ebtables that rewrite source addresses, the guide's among them. */
  readonly rewriting?: readonly RewritingRule[];
}

export interface DeviceState {
  readonly name: string;
  readonly kind: string | undefined;
  readonly mac: string | undefined;
  readonly master: string | undefined;
  readonly up: boolean;
  readonly addresses: readonly AddressState[];
  /** Of a bridge, what `ip link add … type bridge` is told. */
  readonly options: string;
}

export interface AddressState {
  /** `ADDRESS/LENGTH`, or `ADDRESS peer ADDRESS/LENGTH`. */
  readonly text: string;
  readonly family: 4 | 6;
  readonly linkLocal: boolean;
  /** What else `ip address add` is told. */
  readonly words: string;
}

export interface RouteState {
  readonly family: 4 | 6;
  readonly words: string;
}

/**
 * The commands from the kernel as it is to the kernel as it was. It is asked of what there is, not of what was done: whatever a
 * killed apply, a network manager or a person did in between, the way back is the same, and where all is back it is empty.
 */
export function kernelBack(before: KernelState, now: KernelState): readonly string[] {
  const pairs = before.devices.map((was) => ({
    was,
    is: now.devices.find(({ name }) => name === was.name),
  }));
  // A card that somebody plugged in is not ours to take out, nor is a tun device but the NAT64's: a VM has one, or a VPN.
  const spare = now.devices.filter(
    ({ name, kind }) =>
      (kind === 'bridge' || (kind === 'tun' && name === 'nat64')) &&
      !before.devices.some((one) => one.name === name),
  );
  const carriedOver = new Set(spare.map(({ name }) => name));
  return [
    ...pairs.flatMap(({ was, is }) => (is === undefined ? made(was) : [])),
    ...sysctlsBack(before, now, (device) =>
      pairs.some(({ was, is }) => is === undefined && was.name === device && was.kind === 'bridge'),
    ),
    // Before the card is in a bridge again: no frame leaves with a VM's MAC address in between.
    ...rewritingAdded(before.rewriting, now.rewriting),
    ...portsBack(before, now, spare),
    // What comes back must not stand elsewhere meanwhile.
    ...spare.map(({ name }) => `ip link del dev ${name}`),
    ...placesBack(pairs.flatMap(({ was, is }) => (is === undefined ? [] : [{ was, is }]))),
    ...spareRoutes(before, now, carriedOver),
    ...pairs.flatMap(({ was, is }) => spareAddresses(was, is)),
    ...pairs.flatMap(({ was, is }) => missingAddresses(was, is)),
    ...missingRoutes(before, now, pairs),
    ...proxiesBack(before, now),
    ...pairs.flatMap(({ was, is }) =>
      is?.up === true && !was.up ? [`ip link set dev ${was.name} down`] : [],
    ),
    ...rewritingSpare(before.rewriting, now.rewriting),
  ];
}

/**
 * VMs at the bridges where they were; one that has ended since has no port any more. One that is in another's bridge stays there:
 * libvirt gives the names of taps anew. One that was started meanwhile is at the bridge that goes: where it belongs is known if
 * one bridge was there.
 */
function portsBack(
  { ports = {}, devices }: KernelState,
  now: KernelState,
  spare: readonly DeviceState[],
): readonly string[] {
  const bridges = devices.filter(({ kind }) => kind === 'bridge').map(({ name }) => name);
  const only = bridges.length === 1 ? bridges[0] : undefined;
  const ours = [...devices, ...now.devices].map(({ name }) => name);
  return Object.entries(now.ports ?? {}).flatMap(([name, is]) => {
    if (is !== '' && !ours.includes(is)) return [];
    const isHomeless = ports[name] === undefined && spare.some((bridge) => bridge.name === is);
    const home = isHomeless ? only : ports[name];
    if (home === undefined || home === is || !bridges.includes(home)) return [];
    return [`ip link set dev ${name} master ${home}`];
  });
}

function made({ name, kind, mac, options }: DeviceState): readonly string[] {
  if (kind !== 'bridge') return []; // a card that is gone can't be made
  return [
    `ip link add ${name}${mac === undefined ? '' : ` address ${mac}`} type bridge${options}`,
    `ip link set dev ${name} up`,
  ];
}

/** Of a device that is not there, and that nobody can make by hand (a tun device is its daemon's), nothing is set. */
function sysctlsBack(
  before: KernelState,
  now: KernelState,
  isMade: (device: string) => boolean,
): readonly string[] {
  return Object.entries(before.sysctls).flatMap(([key, value]) => {
    const device = /\/conf\/(.+)\/[^/]+$/.exec(key)?.[1];
    const isThere = now.sysctls[key] !== undefined || device === undefined || isMade(device);
    return now.sysctls[key] === value || !isThere ? [] : [`sysctl -q -w ${key}=${value}`];
  });
}

/**
 * Out of bridges first, and into them last: what a bridge tells of a MAC address that it gets is heard by those in it, and the
 * provider's router is to hear of the card's alone.
 */
function placesBack(
  pairs: readonly { readonly was: DeviceState; readonly is: DeviceState }[],
): readonly string[] {
  const moved = pairs.filter(({ was, is }) => was.master !== is.master);
  return [
    ...moved.flatMap(({ was: { name, master } }) =>
      master === undefined ? [`ip link set dev ${name} nomaster`] : [],
    ),
    ...pairs.flatMap(({ was, is }) => macBack(was, is)),
    ...moved.flatMap(({ was: { name, master } }) =>
      master === undefined ? [] : [`ip link set dev ${name} master ${master}`],
    ),
    ...pairs.flatMap(({ was, is }) => (was.up && !is.up ? [`ip link set dev ${was.name} up`] : [])),
  ];
}

function macBack({ name, mac }: DeviceState, is: DeviceState): readonly string[] {
  if (mac === undefined || mac === is.mac) return [];
  return [
    // Neighbours hear of it at once (RFC 4861 §7.2.6).
    `sysctl -q -w net/ipv6/conf/${name}/ndisc_notify=1`,
    `ip link set dev ${name} address ${mac}`,
  ];
}

function spareRoutes(
  before: KernelState,
  now: KernelState,
  gone: ReadonlySet<string>,
): readonly string[] {
  return now.routes
    .filter((one) => !before.routes.some((other) => sameRoute(one, other)))
    .filter(({ words }) => !gone.has(/ dev (\S+)/.exec(words)?.[1] ?? ''))
    .map(({ family, words }) => `ip -${family} route del ${words}`);
}

/** With the last IPv4 address of a device its IPv4 routes go, and with a device all. */
function missingRoutes(
  before: KernelState,
  now: KernelState,
  pairs: readonly { readonly was: DeviceState; readonly is: DeviceState | undefined }[],
): readonly string[] {
  const forgets = pairs
    .filter(({ was, is }) => is !== undefined && losesFour(was, is))
    .map(({ was }) => was.name);
  const absent = pairs.flatMap(({ was, is }) =>
    is === undefined && was.kind !== 'bridge' ? [was.name] : [],
  );
  return before.routes
    .filter(({ words }) => !absent.includes(/ dev (\S+)/.exec(words)?.[1] ?? ''))
    .filter(({ family, words }) => {
      const there = now.routes.some((other) => sameRoute({ family, words }, other));
      return !there || (family === 4 && forgets.includes(/ dev (\S+)/.exec(words)?.[1] ?? ''));
    })
    .map((one) => {
      const how = hasTwin(one, before, now) ? 'append' : 'replace';
      return `ip -${one.family} route ${how} ${one.words}`;
    });
}

/**
 * Whether it stood beside another one to the same place, as networkd's comes to stand beside ifupdown's: each would replace the
 * other. IPv6 knows no such pair.
 */
function hasTwin(route: RouteState, before: KernelState, now: KernelState): boolean {
  if (route.family === 6) return false;
  const twins = before.routes.filter(
    (one) => one.family === 4 && one !== route && placeOf(one) === placeOf(route),
  );
  const isThere = (one: RouteState): boolean => now.routes.some((other) => sameRoute(one, other));
  return twins.some(
    (one) => isThere(one) || before.routes.indexOf(one) < before.routes.indexOf(route),
  );
}

/** What makes the kernel take one route for another's successor: where to, and the metric. */
function placeOf({ words }: RouteState): string {
  return `${words.split(' ', 1)[0]} ${/ metric (\d+)/.exec(words)?.[1] ?? '0'}`;
}

function losesFour(was: DeviceState, is: DeviceState): boolean {
  const four = is.addresses.filter(({ family }) => family === 4);
  return (
    four.length > 0 && !four.some(({ text }) => was.addresses.some((one) => one.text === text))
  );
}

function sameRoute(one: RouteState, other: RouteState): boolean {
  return one.family === other.family && one.words === other.words;
}

function spareAddresses(was: DeviceState, is: DeviceState | undefined): readonly string[] {
  return (is?.addresses ?? [])
    .filter(({ text, linkLocal }) => !linkLocal && !was.addresses.some((one) => one.text === text))
    .map(({ text }) => `ip address del ${text} dev ${was.name}`);
}

function missingAddresses(was: DeviceState, is: DeviceState | undefined): readonly string[] {
  if (is === undefined && was.kind !== 'bridge') return [];
  // A daemon's device that was made anew, and a VM's, have another one of the kernel's choice.
  const chosen = was.kind === 'tun' || was.master !== undefined;
  return was.addresses
    .filter(({ linkLocal }) => !linkLocal || !chosen)
    .filter(({ text }) => is?.addresses.some((one) => one.text === text) !== true)
    .map(
      ({ text, words, family }) =>
        `ip address replace ${text} dev ${was.name}${words}${family === 6 ? ' nodad' : ''}`,
    );
}

function proxiesBack(before: KernelState, now: KernelState): readonly string[] {
  return [
    ...now.proxies
      .filter((one) => !before.proxies.includes(one))
      .map((one) => `ip ${family(one)} neigh del proxy ${one}`),
    ...before.proxies
      .filter((one) => !now.proxies.includes(one))
      .map((one) => `ip ${family(one)} neigh add proxy ${one}`),
  ];
}

function family(entry: string): '-4' | '-6' {
  return entry.includes(':') ? '-6' : '-4';
}

/** Our tables as they were, in one transaction; undefined where they are so. */
export function tablesBack(before: KernelState, now: KernelState): string | undefined {
  const names = [...new Set([...Object.keys(before.tables), ...Object.keys(now.tables)])];
  const parts = names.flatMap((name) => {
    const [was, is] = [before.tables[name], now.tables[name]];
    if (was === is) return [];
    const gone = `table ${name} {\n}\ndelete table ${name}\n`;
    return [was === undefined ? gone : `${gone}${was}`];
  });
  return parts.length === 0 ? undefined : parts.join('\n');
}
