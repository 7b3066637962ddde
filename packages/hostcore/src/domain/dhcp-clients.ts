import type { DhcpClient } from './dhcp-client.js';
import type { Facts } from './facts.js';
import { formerBridges } from './former-bridges.js';
import type { Host } from './host.js';
import { layout } from './layout.js';

export interface ClientHere {
  readonly client: DhcpClient;
  readonly devices: readonly string[];
  /** Why it can't be ended by us. */
  readonly kept: string | undefined;
}

/** Those at a device that host.toml gives fixed addresses, or at a bridge that it has another one for. */
export function clientsHere(host: Host, facts: Facts): readonly ClientHere[] {
  const known = facts.kernel?.devices.map(({ name }) => name) ?? [];
  const ours = [...layout(host).map(({ device }) => device), ...formerBridges(host, facts)];
  return (facts.dhcpClients ?? []).flatMap((client) => {
    const named = devicesOf(client, [...new Set([...known, ...ours])]);
    // One that names none takes them all.
    const devices =
      named.length === 0 ? ours.slice(0, 1) : named.filter((one) => ours.includes(one));
    if (devices.length === 0) return [];
    return [{ client, devices, kept: whyKept(client, named, ours) }];
  });
}

/** dhcpcd writes what it does over the words that it was started with, in one. */
function devicesOf({ words }: DhcpClient, names: readonly string[]): readonly string[] {
  const said = words.slice(1).flatMap((word) => word.split(/\s+/));
  return names.filter((name) => said.includes(name));
}

function whyKept(
  { program, service }: DhcpClient,
  named: readonly string[],
  ours: readonly string[],
): string | undefined {
  if (program !== 'dhclient') return `hostcore knows how to end dhclient alone, and not ${program}`;
  if (named.length === 0) return 'it names no device, and so has all of them';
  const others = named.filter((one) => !ours.includes(one));
  if (others.length > 0) return `it has ${others.join(', ')} as well`;
  if (service === undefined || leavesAlone.test(service)) return undefined;
  return `${service} started it, and may start it again`;
}

/** Services that start one and look no more after it, and our own way back. */
const leavesAlone = /^(networking|ifup@.*|rc-local|cloud-init.*|sixhub-hostcore-.*)\.service$/;

/**
 * Killed, since then none of its scripts runs: `ifdown` and `dhclient -r` take the address away, and give the lease back to the
 * provider. By its number, if that is still its own.
 */
export function endCommand({ program, pid }: DhcpClient): string {
  return `sh -c 'if grep -qsx ${program} /proc/${pid}/comm; then kill -KILL ${pid}; fi'`;
}

/** In the background from the start, since nobody may wait a minute for a provider that is silent; and for good. */
export function startWords({ words: [program = '', ...rest] }: DhcpClient): readonly string[] {
  const foreground = ['-d', '-1', '-w', '-nw'];
  return [program, '-nw', ...rest.filter((word) => !foreground.includes(word))];
}

export interface ClientsBack {
  readonly ended: readonly DhcpClient[];
  readonly started: readonly DhcpClient[];
}

/** The way from those that run to those that ran; of a snapshot that did not look, nothing is known. */
export function clientsBack(
  before: readonly DhcpClient[] | undefined,
  now: readonly DhcpClient[],
): ClientsBack {
  if (before === undefined) return { ended: [], started: [] };
  const isIn = (some: readonly DhcpClient[], one: DhcpClient): boolean =>
    some.some((other) => startWords(other).join('\0') === startWords(one).join('\0'));
  return {
    ended: now.filter((one) => !isIn(before, one)),
    started: before.filter((one) => !isIn(now, one)),
  };
}

/** Those that we can end, and so start, at these devices: what a snapshot keeps. */
export function ofDevices(
  clients: readonly DhcpClient[],
  devices: readonly string[],
): readonly DhcpClient[] {
  return clients.filter((one) => one.program === 'dhclient' && devicesOf(one, devices).length > 0);
}
