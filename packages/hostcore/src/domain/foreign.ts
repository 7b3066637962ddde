import type { Host } from './host.js';
import { bodyOf } from './origin.js';

/** Files of a network manager, not written by us, that say something of a device that is ours to configure. */
export interface ForeignFile {
  readonly manager: 'netplan' | 'networkd' | 'ifupdown' | 'NetworkManager' | 'rc.local';
  readonly device: string;
  readonly path: string;
  readonly line: number;
}

export function foreignManagers(
  host: Host,
  files: ReadonlyMap<string, string>,
): readonly ForeignFile[] {
  const { uplink, inside, links } = host;
  const devices = [
    uplink.device,
    inside.device,
    ...inside.ports,
    ...links.map((one) => one.device),
  ];
  return [...files].flatMap(([path, text]) => {
    const manager = managerOf(path);
    if (manager === undefined || bodyOf(text) !== text || path.includes('sixhub')) return [];
    for (const device of devices) {
      const line = lineNaming(manager, text, device);
      if (line !== undefined) return [{ manager, device, path, line }];
    }
    return [];
  });
}

function managerOf(path: string): ForeignFile['manager'] | undefined {
  if (/^\/etc\/netplan\/[^/]+\.yaml$/.test(path)) return 'netplan';
  if (/^\/etc\/systemd\/network\/[^/]+\.(network|netdev)$/.test(path)) return 'networkd';
  if (/^\/etc\/network\/interfaces(\.d\/[^/]+)?$/.test(path)) return 'ifupdown';
  if (path.startsWith('/etc/NetworkManager/system-connections/')) return 'NetworkManager';
  return undefined;
}

/** Where the device is named as one that is configured, not in a comment. */
function lineNaming(
  manager: ForeignFile['manager'],
  text: string,
  device: string,
): number | undefined {
  const name = device.replaceAll(/[.$^*+?()[\]{}|\\]/g, '\\$&');
  const patterns: Readonly<Record<ForeignFile['manager'], RegExp>> = {
    netplan: new RegExp(`^\\s*["']?${name}["']?:`),
    networkd: new RegExp(`^\\s*Name=(.*\\s)?${name}(\\s|$)`),
    ifupdown: new RegExp(`^\\s*iface\\s+${name}\\s`),
    NetworkManager: new RegExp(`^\\s*interface-name=${name}\\s*$`),
    'rc.local': new RegExp(`${name}`),
  };
  const index = text.split('\n').findIndex((line) => patterns[manager].test(line));
  return index < 0 ? undefined : index + 1;
}
