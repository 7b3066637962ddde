import type { Host } from './host.js';
import { layout } from './layout.js';

/** Where the network is described, by the manager of host.toml. What stands there is never another manager's. */
export const netplanFile = '/etc/netplan/90-sixhub.yaml';

const networkd = '/etc/systemd/network';

/** Their names begin with 05: the first file that matches a device wins. */
export function networkFile(device: string): string {
  return `${networkd}/05-sixhub-${device}.network`;
}

export function netdevFile(device: string): string {
  return `${networkd}/05-sixhub-${device}.netdev`;
}

export function networkFiles(host: Host): readonly string[] {
  if (host.manager === 'netplan') return [netplanFile];
  return layout(host).flatMap(({ device, kind }) =>
    kind === 'bridge' ? [netdevFile(device), networkFile(device)] : [networkFile(device)],
  );
}
