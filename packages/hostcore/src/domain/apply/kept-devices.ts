import type { Facts } from '../facts.js';
import type { Host } from '../host.js';
import { layout } from '../layout.js';
import type { Plan } from '../plan/plan.js';

/**
 * Devices whose state is kept before a change: the description's, and those that the change leaves, such as the bridge that a card
 * is taken out of. Of a VM's tap its bridge alone is, in whose place the VM's is known: by the time of a rollback another VM may
 * have its name, or nobody.
 */
export function keptDevices(
  host: Host,
  { kernel: changes }: Pick<Plan, 'kernel'>,
  { kernel }: Pick<Facts, 'kernel'>,
): readonly string[] {
  const ours = [...layout(host).map(({ device }) => device), 'nat64'];
  const bridgeOf = (name: string): string | undefined =>
    kernel?.devices.find((one) => one.name === name)?.master;
  const left = changes
    .flatMap(({ kind, device }) =>
      kind === 'link' || kind === 'address' || kind === 'route' ? (device ?? []) : [],
    )
    .map((name) => bridgeOf(name) ?? name)
    .filter((name) => !ours.includes(name));
  return [...new Set([...ours, ...left])];
}
