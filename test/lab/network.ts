import { join } from 'node:path';
import { startDaemon } from './daemon.js';
import { logSays } from './fact.js';
import type { Lab } from './lab.js';
import { programFile } from './program-file.js';

/** A network of its own (loopback alone), where every port is free and nothing leads out. */
export interface Network {
  /** The program and the arguments that run this one inside. */
  inside(program: string, args: readonly string[]): readonly [string, readonly string[]];
}

export async function openNetwork(lab: Lab): Promise<Network> {
  const place = await lab.makeDirectory('network');
  const holder = lab.own(
    await startDaemon({
      name: 'network',
      program: programFile('unshare', 'util-linux'),
      args: [
        ...['--user', '--map-root-user', '--net', '/bin/sh', '-c'],
        'ip link set lo up && echo up && exec sleep infinity',
      ],
      logFile: join(place, 'log'),
      ready: logSays(/^up$/m),
    }),
  );
  const enter = ['--target', String(holder.pid), '--user', '--net', '--preserve-credentials'];
  return {
    inside: (program, args) => [
      programFile('nsenter', 'util-linux'),
      [...enter, '--', program, ...args],
    ],
  };
}
