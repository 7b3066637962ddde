import type { Facts } from './facts.js';
import type { Host } from './host.js';
import { layout } from './layout.js';
import { netdevFile, netplanFile } from './network-files.js';

/**
 * Bridges in whose place host.toml has another one: those that a file of a network manager puts a card of this host into, and
 * those that a file of ours of before makes. Nobody's else, such as libvirt's own virbr0 or Docker's, are among them.
 */
export function formerBridges(host: Host, { said }: Pick<Facts, 'said'>): readonly string[] {
  const names = layout(host).map(({ device }) => device);
  const found = [...(said ?? [])].flatMap(([path, { devices }]) =>
    devices.filter(({ name, kind, ports }) => {
      if (names.includes(name)) return false;
      const ours = path === netdevFile(name) || (path === netplanFile && kind === 'bridge');
      return ours || ports.some((port) => names.includes(port));
    }),
  );
  return [...new Set(found.map(({ name }) => name))];
}
