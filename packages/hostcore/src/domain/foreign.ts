import type { Host } from './host.js';
import { networkFiles } from './network-files.js';
import { bodyOf } from './origin.js';

/**
 * Files of a network manager, not written by us, that say something of a device that is ours to configure. One at a place
 * where this host's own is to be is not among them, whatever stands in it: it is replaced, and never taken out of the way.
 */
export interface ForeignFile {
  readonly manager: 'netplan' | 'networkd' | 'ifupdown' | 'NetworkManager';
  readonly device: string;
  readonly path: string;
  readonly line: number;
}

export function foreignManagers(
  host: Host,
  files: ReadonlyMap<string, string>,
): readonly ForeignFile[] {
  const { uplink, inside, links } = host;
  const devices: readonly Wanted[] = [
    { name: uplink.device, mac: uplink.mac },
    ...[inside.device, ...inside.ports, ...links.map((one) => one.device)].map((name) => ({
      name,
    })),
  ];
  const own = networkFiles(host);
  return [...files].flatMap(([path, text]) => {
    const manager = own.includes(path) ? undefined : managerOf(path);
    if (manager === undefined || bodyOf(text) !== text) return [];
    for (const device of devices) {
      const line = lineNaming(manager, text, device);
      if (line !== undefined) return [{ manager, device: device.name, path, line }];
    }
    return [];
  });
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
  const index = text.split('\n').findIndex((line) => !/^\s*[#;]/.test(line) && says(line, device));
  return index < 0 ? undefined : index + 1;
}

type Says = (line: string, device: Wanted) => boolean;

const namers: Readonly<Record<ForeignFile['manager'], Says>> = {
  netplan(line, { name, mac }) {
    const [, key = '', value = ''] = /^\s*(?:-\s*)?["']?([^"':]+)["']?:\s*(.*)$/.exec(line) ?? [];
    if (key === name) return true;
    const bare = value.replaceAll(/["'{}]/g, '').trim();
    if (key === 'set-name') return bare === name;
    return (key === 'match' || key === 'macaddress') && hasMac(line, mac);
  },
  networkd(line, { name, mac }) {
    const names = /^\s*Name=(.*)$/.exec(line)?.[1]?.trim().split(/\s+/) ?? [];
    return (
      names.some((pattern) => matches(pattern, name)) ||
      (/^\s*MACAddress=/.test(line) && hasMac(line, mac))
    );
  },
  ifupdown: (line, { name }) => new RegExp(`^\\s*iface\\s+${literally(name)}\\s`).test(line),
  NetworkManager: (line, { name }) => line.trim() === `interface-name=${name}`,
};

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
