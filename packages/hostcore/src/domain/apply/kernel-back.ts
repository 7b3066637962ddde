import type { DeviceState, KernelState } from './kernel-state.js';
import { portsBack } from './ports-back.js';
import { rewritingAdded, rewritingSpare } from './rewriting-back.js';
import { missingRoutes, spareRoutes } from './routes-back.js';

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
