import type { Facts } from '../facts.js';
import { isLeft, strayBridges } from '../former-bridges.js';
import type { Host } from '../host.js';
import { layout, type DeviceLayout } from '../layout.js';
import type { KernelChange } from './kernel-change.js';

/** What becomes of bridges in whose place host.toml has another one. */
export interface FormerBridges {
  /** As they are to be: without address, route and place. */
  readonly laid: readonly DeviceLayout[];
  /** VMs go on at the new bridge; what they are sent meanwhile waits in their connections. */
  readonly moves: readonly KernelChange[];
  readonly ends: readonly KernelChange[];
}

/**
 * One that a card of ours is a port of right now is left by VMs and addresses as well, and stays if no file that goes says whose
 * it is. A port that is neither ours nor a VM's keeps its bridge.
 */
export function formerBridgeChanges(host: Host, facts: Facts): FormerBridges {
  const { inside } = host;
  const devices = facts.kernel?.devices ?? [];
  const ours = layout(host).map(({ device }) => device);
  const former = strayBridges(host, facts)
    .filter(isLeft)
    .filter(({ name }) => devices.some((one) => one.kind === 'bridge' && one.name === name))
    .map((one) => ({
      ...one,
      ports: devices.filter((port) => port.master === one.name && !ours.includes(port.name)),
    }));
  // Without a bridge of ours there is no place for VMs to go.
  const able = former.filter(({ vms }) => inside.bridge || vms.length === 0);
  return {
    laid: able.map(({ name }) => ({
      ...{ device: name, kind: 'bridge', master: undefined, addresses: [], routes: [] },
    })),
    moves: able.flatMap(({ name, vms }) =>
      vms.map((device) => ({
        ...{ kind: 'link', action: 'set', device },
        subject: `${device} is a port of ${inside.device}, is a port of ${name}`,
        why: `host.toml has ${inside.device} in its place, and the VM goes on there`,
        command: `ip link set dev ${device} master ${inside.device}`,
      })),
    ),
    ends: able
      .filter(({ isNamed, ports, vms }) => isNamed && ports.length === vms.length)
      .map(({ name, isSucceeded, cards }) => ({
        ...{ kind: 'link', action: 'remove', device: name, subject: `bridge ${name}` },
        why: isSucceeded
          ? `host.toml has ${inside.device} in its place, and nothing is left in it`
          : `host.toml has ${cards.join(', ')} without it, and nothing is left in it`,
        command: `ip link del dev ${name}`,
      })),
  };
}
