import type { DeviceState, KernelState } from './kernel-state.js';

/**
 * VMs at the bridges where they were; one that has ended since has no port any more. One that is in another's bridge stays there:
 * libvirt gives the names of taps anew. One that was started meanwhile is at the bridge that goes: where it belongs is known if
 * one bridge was there.
 */
export function portsBack(
  { ports = {}, devices }: KernelState,
  now: KernelState,
  spare: readonly DeviceState[],
): readonly string[] {
  const bridges = devices.filter(({ kind }) => kind === 'bridge').map(({ name }) => name);
  const only = bridges.length === 1 ? bridges[0] : undefined;
  const ours = [...devices, ...now.devices].map(({ name }) => name);
  return Object.entries(now.ports ?? {}).flatMap(([name, is]) => {
    if (is !== '' && !ours.includes(is)) return [];
    const isHomeless = ports[name] === undefined && spare.some((bridge) => bridge.name === is);
    const home = isHomeless ? only : ports[name];
    if (home === undefined || home === is || !bridges.includes(home)) return [];
    return [`ip link set dev ${name} master ${home}`];
  });
}
