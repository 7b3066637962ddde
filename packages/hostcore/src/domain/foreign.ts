import type { Host } from './host.js';
import { networkFiles } from './network-files.js';
import { bodyOf } from './origin.js';

/**
 * Files of a network manager, not written by us, that say something of a device that is ours to configure. One at a place
 * where this host's own is to be is not among them, whatever stands in it: it is replaced, and never taken out of the way.
 */
export interface ForeignFile {
  readonly manager: 'netplan' | 'networkd' | 'ifupdown' | 'NetworkManager';
  readonly devices: readonly string[];
  readonly path: string;
  /** Of the first of them. */
  readonly line: number;
}

export function foreignManagers(
  host: Host,
  files: ReadonlyMap<string, string>,
  /** Bridges in whose place this host has another. */
  former: readonly string[] = [],
): readonly ForeignFile[] {
  const { uplink, inside, links } = host;
  const devices: readonly Wanted[] = [
    { name: uplink.device, mac: uplink.mac },
    ...[inside.device, ...inside.ports, ...links.map((one) => one.device), ...former].map(
      (name) => ({ name }),
    ),
  ];
  const own = networkFiles(host);
  return [...files].flatMap(([path, text]) => {
    const manager = own.includes(path) ? undefined : managerOf(path);
    if (manager === undefined || bodyOf(text) !== text || makesOther(path, text)) return [];
    const named = devices.flatMap((device) => {
      const line = lineNaming(manager, text, device);
      return line === undefined ? [] : [{ name: device.name, line }];
    });
    const [first] = [...named].sort((one, other) => one.line - other.line);
    if (first === undefined) return [];
    return [{ manager, devices: named.map(({ name }) => name), path, line: first.line }];
  });
}

/** What makes a bond or a VLAN stays: the device that it makes is configured by ours. */
function makesOther(path: string, text: string): boolean {
  return path.endsWith('.netdev') && /^\s*Kind\s*=(?!\s*bridge\s*$)/m.test(text);
}

interface Wanted {
  readonly name: string;
  readonly mac?: string | undefined;
}

function managerOf(path: string): ForeignFile['manager'] | undefined {
  if (/^\/etc\/netplan\/[^/]+\.yaml$/.test(path)) return 'netplan';
  if (/^\/etc\/systemd\/network\/[^/]+\.(network|netdev)$/.test(path)) return 'networkd';
  if (/^\/etc\/network\/interfaces(\.d\/[^/]+)?$/.test(path)) return 'ifupdown';
  if (path.startsWith('/etc/NetworkManager/system-connections/')) return 'NetworkManager';
  return undefined;
}

/** Where the device is named as one that is configured, by its name, a pattern or its MAC address; not in a comment. */
function lineNaming(
  manager: ForeignFile['manager'],
  text: string,
  device: Wanted,
): number | undefined {
  const says = namers[manager];
  const lines = text.split('\n');
  const index = lines.findIndex(
    (line, at) => !/^\s*[#;]/.test(line) && says(line, device, () => parentOf(manager, lines, at)),
  );
  return index < 0 ? undefined : index + 1;
}

type Says = (line: string, device: Wanted, parent: () => string | undefined) => boolean;

const namers: Readonly<Record<ForeignFile['manager'], Says>> = {
  netplan(line, { name, mac }, parent) {
    const [, key = '', value = ''] = /^\s*(?:-\s*)?["']?([^"':]+)["']?:\s*(.*)$/.exec(line) ?? [];
    if (key === name) return true;
    const bare = value.replaceAll(/["'{}]/g, '').trim();
    if (key === 'set-name') return bare === name;
    // Below `match` it is the card that is meant; below a bridge, the address that the bridge is to have.
    const matching = key === 'match' || (key === 'macaddress' && parent() === 'match');
    return matching && hasMac(line, mac);
  },
  networkd(line, { name, mac }, parent) {
    const [, key, value = ''] = /^\s*(\w+)\s*=(.*)$/.exec(line) ?? [];
    switch (`${parent()}.${key}`) {
      case 'Match.Name':
      case 'NetDev.Name':
        return value
          .trim()
          .split(/\s+/)
          .some((pattern) => matches(pattern, name));
      case 'Match.MACAddress':
      case 'Match.PermanentMACAddress':
        return hasMac(line, mac);
      default:
        return false;
    }
  },
  ifupdown: (line, { name }) => new RegExp(`^\\s*iface\\s+${literally(name)}\\s`).test(line),
  NetworkManager: (line, { name }) => line.trim() === `interface-name=${name}`,
};

/** What a line stands below: in YAML the key that is less indented, in systemd's files the section. */
function parentOf(
  manager: ForeignFile['manager'],
  lines: readonly string[],
  index: number,
): string | undefined {
  const above = lines.slice(0, index).reverse();
  if (manager === 'netplan') {
    const depth = indent(lines[index] ?? '');
    const parent = above.find((line) => /^\s*[^#\s]/.test(line) && indent(line) < depth);
    return parent?.trim().replace(/:$/, '');
  }
  const header = above.find((line) => /^\s*\[/.test(line));
  return header?.replaceAll(/[[\]\s]/g, '');
}

function indent(line: string): number {
  return line.search(/\S/);
}

function hasMac(line: string, mac: string | undefined): boolean {
  return mac !== undefined && line.toLowerCase().includes(mac);
}

/** systemd's patterns: `*`, `?`, and `!` before what is left out. */
function matches(pattern: string, name: string): boolean {
  const glob = literally(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.');
  return !pattern.startsWith('!') && new RegExp(`^${glob}$`).test(name);
}

function literally(text: string): string {
  return text.replaceAll(/[.$^*+?()[\]{}|\\]/g, '\\$&');
}
