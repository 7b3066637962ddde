import { isLeft, strayBridges } from '../former-bridges.js';
import type { Host } from '../host.js';
import type { Lint } from '../lint.js';

/** Bridges that host.toml knows nothing of, and takes something from. */
export const bridgeLints: readonly Lint[] = [
  {
    id: 'card-of-other-bridge',
    needs: ['kernel'],
    severity: 'error',
    reason:
      'VMs at a bridge of their own are behind its card; without it they are cut off, and at another bridge they would be in another network.',
    clause: 'kernel: net/bridge',
    *find(host, facts) {
      if (facts.kernel === undefined) return;
      for (const bridge of strayBridges(host, facts)) {
        if (isLeft(bridge)) continue;
        const { name, cards, vms } = bridge;
        for (const card of cards) {
          const { path, place } = placeOf(host, card);
          yield {
            path,
            fact: `${card} is a port of ${name}, like ${vms.length === 1 ? `the VM's ${vms.join('')}` : `the VMs' ${vms.join(', ')}`}, and host.toml has it as ${place}`,
            remedy: `Is ${name} to stay, take ${card} out of host.toml, which has no words for a second bridge. Else the VMs leave it first, by \`virsh edit\` and, now, \`ip link set dev ${vms[0] ?? 'PORT'} master BRIDGE\`: hostcore does not move them.`,
          };
        }
      }
    },
  },
];

function placeOf(
  { inside }: Host,
  card: string,
): { readonly path: readonly PropertyKey[]; readonly place: string } {
  const index = inside.ports.indexOf(card);
  if (index >= 0) return { path: ['inside', 'ports', index], place: `a port of ${inside.device}` };
  return card === inside.device
    ? { path: ['inside', 'device'], place: 'inside.device' }
    : { path: ['link', card], place: `link.${card}` };
}
