import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programFailure, runProgram, type ProgramResult } from '@sixhub/base';
import { commandLine } from './checkout.js';
import { startDaemon, type Daemon } from './daemon.js';
import { logSays, type Fact } from './fact.js';
import type { Lab } from './lab.js';
import { programFile } from './program-file.js';

/**
 * A machine as far as networks go: its own network, and an /etc, a /run and a few directories of daemons that are its own,
 * above this machine's. What is written there is gone with it.
 */
export interface HostMachine {
  readonly name: string;
  readonly pid: number;
  run(program: string, args: readonly string[], input?: string): Promise<ProgramResult>;
  /** Must end with 0; what it printed. */
  must(program: string, args: readonly string[], input?: string): Promise<string>;
  shell(script: string): Promise<string>;
  start(name: string, program: string, args: readonly string[], ready: Fact): Promise<Daemon>;
  hostcore(...words: readonly string[]): Promise<ProgramResult>;
}

const own = ['/run', '/var/cache/bind', '/var/spool/tayga', '/var/lib/unbound', '/var/lib/dhcp'];

export async function openHostMachine(lab: Lab, name: string): Promise<HostMachine> {
  const place = await lab.makeDirectory(`machine-${name}`);
  const script = [
    'ip link set lo up',
    `mount -t tmpfs tmpfs ${place}`,
    `mkdir ${place}/upper ${place}/work ${place}/logs`,
    `mount -t overlay overlay -o lowerdir=/etc,upperdir=${place}/upper,workdir=${place}/work /etc`,
    ...own.map((path) => `[ ! -d ${path} ] || mount -t tmpfs -o mode=777 tmpfs ${path}`),
    // networkd takes a machine that can't write there for one without udev.
    'mount -t sysfs -o ro sysfs /sys',
    'mkdir -p /run/systemd/netif/links /run/systemd/netif/leases /run/systemd/netif/lldp',
    'chown -R systemd-network /run/systemd/netif',
    'rm -f /etc/systemd/network/* /etc/netplan/* /etc/network/interfaces /etc/radvd.conf',
    'echo up',
    'exec sleep infinity',
  ].join(' && ');
  const logFile = join(lab.directory, `machine-${name}.log`);
  const args = ['--net', '--mount', '--uts', '--', '/bin/sh', '-c', script];
  const ready = logSays(/^up$/m);
  const program = programFile('unshare', 'util-linux');
  const holder = lab.own(
    await startDaemon({ name: `machine ${name}`, program, args, logFile, ready }),
  );
  const inside = (words: readonly string[]): string[] => [
    ...['--target', String(holder.pid), '--net', '--mount', '--uts', '--'],
    ...words,
  ];
  const nsenter = programFile('nsenter', 'util-linux');
  const run: HostMachine['run'] = (file, words, input) =>
    runProgram(nsenter, inside([file, ...words]), {
      ...(input === undefined ? {} : { input }),
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    });
  const must: HostMachine['must'] = async (file, words, input) => {
    const result = await run(file, words, input);
    if (result.kind === 'exited' && result.code === 0) return result.stdout;
    throw new Error(`${name}: ${file} ${words.join(' ')}: ${programFailure(result) ?? ''}`);
  };
  return {
    ...{ name, run, must, pid: holder.pid },
    shell: (text) => must('/bin/sh', ['-ec', text]),
    async start(daemon, file, words, fact) {
      const log = join(lab.directory, `${name}-${daemon}.log`);
      return lab.own(
        await startDaemon({
          ...{ name: daemon, program: nsenter, args: inside([file, ...words]) },
          ...{ logFile: log, ready: fact, readyWithinMs: 20_000 },
        }),
      );
    },
    hostcore(...words) {
      return run(process.execPath, commandLine('hostcore', words));
    },
  };
}

/** Below the lab's own directory, which every machine sees. */
export async function writeLabFile(lab: Lab, path: string, text: string): Promise<string> {
  const place = join(lab.directory, path);
  await mkdir(join(place, '..'), { recursive: true });
  await writeFile(place, text);
  return place;
}
