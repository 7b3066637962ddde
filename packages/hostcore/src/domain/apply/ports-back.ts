import type { DeviceState, KernelState } from './kernel-state.js';

/**
 * VMs at the bridges where they were; one that has ended since has no port any more. One that is in another's bridge stays there:
 * libvirt gives the names of taps anew. One that was started meanwhile is at the bridge that goes, and belongs at the one in whose
 * place that came.
 */
export function portsBack(
  before: KernelState,
  now: KernelState,
  spare: readonly DeviceState[],
): readonly string[] {
  const { ports = {}, devices } = before;
  const bridges = bridgesOf(before);
  const ours = [...devices, ...now.devices].map(({ name }) => name);
  return Object.entries(now.ports ?? {}).flatMap(([name, is]) => {
    if (is !== '' && !ours.includes(is)) return [];
    const was = ports[name] ?? '';
    const goes = spare.some((bridge) => bridge.name === is);
    const home = bridges.includes(was) ? was : goes ? predecessor(is, before, now) : undefined;
    if (home === undefined || home === is) return [];
    return [`ip link set dev ${name} master ${home}`];
  });
}

/**
 * Which bridge was there before this one: the only one; else where the VMs in it came from; else the one by which the host sent
 * what is for everybody, as with the uplink's card in it; else the one that is gone; else the one that a card has left. None of
 * these may be two.
 */
function predecessor(successor: string, before: KernelState, now: KernelState): string | undefined {
  const bridges = bridgesOf(before);
  const moved = Object.entries(now.ports ?? {}).filter(([, is]) => is === successor);
  const there = (name: string): DeviceState | undefined =>
    now.devices.find((one) => one.name === name);
  const signs: readonly (readonly (string | undefined)[])[] = [
    bridges,
    moved.map(([name]) => before.ports?.[name]),
    before.routes.map(({ words }) => /^default .*\bdev (\S+)/.exec(words)?.[1]),
    bridges.filter((name) => there(name) === undefined),
    before.devices.flatMap(({ name, master }) => (there(name)?.master === master ? [] : [master])),
  ];
  return signs
    .map((names) => bridges.filter((name) => names.includes(name)))
    .find((names) => names.length === 1)?.[0];
}

function bridgesOf({ devices }: KernelState): readonly string[] {
  return devices.filter(({ kind }) => kind === 'bridge').map(({ name }) => name);
}
