import { join } from 'node:path';
import { startDaemon } from './daemon.js';
import { logSays } from './fact.js';
import type { Lab } from './lab.js';
import { programFile } from './program-file.js';

/** A network of its own (loopback alone), where every port is free and nothing leads out. */
export interface Network {
  /** Of the process that keeps it; the kernel takes the network away when that ends. */
  readonly pid: number;
  /** The program and the arguments that run this one inside. */
  inside(program: string, args: readonly string[]): readonly [string, readonly string[]];
}

/** `beside` another one it has the same administrator, who may lay cables between them. */
export async function openNetwork(lab: Lab, beside?: Network): Promise<Network> {
  const place = await lab.makeDirectory('network');
  const unshare = programFile('unshare', 'util-linux');
  const shell = ['/bin/sh', '-c', 'ip link set lo up && echo up && exec sleep infinity'];
  const [program, args] = beside?.inside(unshare, ['--net', ...shell]) ?? [
    unshare,
    ['--user', '--map-root-user', '--net', ...shell],
  ];
  const logFile = join(place, 'log');
  const ready = logSays(/^up$/m);
  const holder = lab.own(await startDaemon({ name: 'network', program, args, logFile, ready }));
  const enter = ['--target', String(holder.pid), '--user', '--net', '--preserve-credentials'];
  return {
    pid: holder.pid,
    inside: (program, args) => [
      programFile('nsenter', 'util-linux'),
      [...enter, '--', program, ...args],
    ],
  };
}
