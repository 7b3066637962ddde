import type { DhcpClient } from '../dhcp-client.js';
import type { KernelState } from './kernel-state.js';
import type { UnitState } from './units.js';

/** The host as it was before a change, as far as the change can reach. */
export interface Snapshot {
  /** Devices whose state is the description's, or was an older one's. */
  readonly devices: readonly string[];
  readonly files: readonly FileState[];
  /** Directories that were not there, deepest last. */
  readonly madeDirectories: readonly string[];
  readonly kernel: KernelState;
  readonly units: readonly UnitState[];
  /** At these devices. */
  readonly dhcpClients?: readonly DhcpClient[];
}

export type FileState =
  | { readonly path: string; readonly kind: 'absent' }
  | {
      readonly path: string;
      readonly kind: 'file';
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      /** Its name below the snapshot's own directory. */
      readonly copy: string;
    }
  | { readonly path: string; readonly kind: 'link'; readonly to: string };

/** Of several changes in a row, what was before all of them: each thing as the earliest that touched it found it. */
export function earliest(snapshots: readonly Snapshot[]): Snapshot | undefined {
  const [first] = snapshots;
  if (first === undefined) return undefined;
  return snapshots.slice(1).reduce(beneath, first);
}

function beneath(first: Snapshot, later: Snapshot): Snapshot {
  const isNew = (name: string): boolean => name !== 'all' && !first.devices.includes(name);
  const known = new Set(first.files.map(({ path }) => path));
  const { kernel } = first;
  return {
    ...first,
    devices: [...first.devices, ...later.devices.filter(isNew)],
    files: [...first.files, ...later.files.filter(({ path }) => !known.has(path))],
    madeDirectories: [...new Set([...first.madeDirectories, ...later.madeDirectories])],
    kernel: {
      ...kernel,
      sysctls: {
        ...Object.fromEntries(
          Object.entries(later.kernel.sysctls).filter(([key]) => isNew(deviceOf(key))),
        ),
        ...kernel.sysctls,
      },
      devices: [...kernel.devices, ...later.kernel.devices.filter(({ name }) => isNew(name))],
      routes: [
        ...kernel.routes,
        ...later.kernel.routes.filter(({ words }) => isNew(deviceOfRoute(words))),
      ],
    },
  };
}

/** One that leads nowhere (`unreachable NETWORK dev lo`) is on no device that a description has, and every snapshot has them all. */
function deviceOfRoute(words: string): string {
  const isNowhere = /^(unreachable|blackhole|prohibit) /.test(words);
  return isNowhere ? 'all' : (/ dev (\S+)/.exec(words)?.[1] ?? 'all');
}

/** `net/ipv6/conf/DEVICE/KEY`; of one that is everybody's, `all`, which no snapshot lacks. */
function deviceOf(key: string): string {
  return /\/conf\/(.+)\/[^/]+$/.exec(key)?.[1] ?? 'all';
}
