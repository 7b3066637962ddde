import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram } from '@sixhub/base';
import { checkoutRoot } from './checkout.js';
import type { Lab } from './lab.js';
import type { Network } from './network.js';
import { programFile } from './program-file.js';
import { runTool } from './run-tool.js';

/** A Debian 12 of its own, with systemd as its first process. */
export interface DebianTree {
  /** Its root directory, as seen from here. */
  readonly root: string;
  /** Runs a line in its shell, as root. */
  run(line: string): Promise<Ended>;
  /** The line must end well. */
  must(line: string): Promise<string>;
  /** The words by which a program here becomes one there; what it runs has that machine's environment alone. */
  entering(): Promise<readonly [program: string, ...args: string[]]>;
  /** As systemd does it, with every service asked to end. */
  reboot(): Promise<void>;
  /** Every process is gone at once. */
  cutPower(): Promise<void>;
  /** After `cutPower`. */
  boot(): Promise<void>;
}

export interface Ended {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface DebianOptions {
  /** Its host name. */
  readonly name?: string;
  /** In place of loopback alone. */
  readonly network?: Pick<Network, 'pid'>;
  /** Which is laid out (scripts/setup/debian-tree.mjs). */
  readonly tree?: 'debian-12' | 'debian-12-host';
  /** It may configure that network, and has tun devices. */
  readonly router?: true;
}

export async function bootDebian(lab: Lab, options: DebianOptions = {}): Promise<DebianTree> {
  const { name = 'debian', tree = 'debian-12' } = options;
  const root = await layOver(lab, name, tree);
  lab.own({ [Symbol.asyncDispose]: () => removeGroups(name) });
  let nspawn = startNspawn(root, options);
  lab.own({ [Symbol.asyncDispose]: () => halt(nspawn) });
  const entering: DebianTree['entering'] = async () => [
    programFile('nsenter', 'util-linux'),
    ...['-t', await leaderOf(nspawn), '-a', '/usr/bin/env', '-i', 'HOME=/root', 'LC_ALL=C.UTF-8'],
    ...['TERM=xterm', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
  ];
  const run = async (line: string): Promise<Ended> => {
    const [program, ...args] = await entering();
    const words = [...args, 'bash', '-c', line];
    const ended = await runProgram(program, words, { timeoutMs: 100_000 });
    if (ended.kind !== 'exited') throw new Error(`${line}: ${JSON.stringify(ended)}`);
    return ended;
  };
  const isUp = async (): Promise<void> => {
    let state = '';
    await until(async () => {
      state = (await run('systemctl is-system-running --wait')).stdout.trim();
      return state === 'running' || state === 'degraded';
    }, 120_000);
    if (state === 'running') return;
    const { stdout } = await run('systemctl --failed; journalctl -p warning -n 20 --no-pager');
    throw new Error(`${name} is ${state}:\n${stdout}`);
  };
  const boot = async (): Promise<void> => {
    nspawn = startNspawn(root, options);
    await isUp();
  };
  await isUp();
  return {
    root,
    run,
    async must(line) {
      const { code, stdout, stderr } = await run(line);
      if (code === 0) return stdout;
      throw new Error(`${name}: ${line} ended with ${code}:\n${stdout}${stderr}`);
    },
    entering,
    boot,
    async reboot() {
      const over = once(nspawn, 'exit');
      await run('systemctl reboot');
      await over; // with 133, since whoever keeps its unit is to start it again (systemd-nspawn(1))
      await boot();
    },
    async cutPower() {
      const over = once(nspawn, 'exit');
      process.kill(Number(await leaderOf(nspawn)), 'SIGKILL');
      await over;
    },
  };
}

async function layOver(lab: Lab, name: string, tree: string): Promise<string> {
  const base = await runTool('node', [join(checkoutRoot, 'scripts/setup/debian-tree.mjs'), tree], {
    timeoutMs: 600_000,
  });
  const [root, upper, work] = [
    await lab.makeDirectory(name),
    await lab.makeDirectory(`${name}-upper`),
    await lab.makeDirectory(`${name}-work`),
  ];
  const layers = `lowerdir=${base.trim()},upperdir=${upper},workdir=${work}`;
  await runTool('mount', ['-t', 'overlay', '-o', layers, 'sixhub-debian', root]);
  lab.own({
    [Symbol.asyncDispose]: async () => void (await runTool('umount', ['--lazy', root])),
  });
  return root;
}

/**
 * Two systemds in one control group would take each other's away: each tree has its own in every hierarchy that is there.
 * (cpuset's would need to be told of its processors first.)
 */
const inOwnGroup = `group=$1; shift
while IFS=: read -r _ kind path; do
  case $kind in
    cpuset) continue ;;
    "") place=/sys/fs/cgroup/unified; [ -d "$place" ] || place=/sys/fs/cgroup ;;
    *) place=/sys/fs/cgroup/\${kind#name=} ;;
  esac
  place=$place\${path%/}/$group
  mkdir -p "$place" && echo $$ > "$place/cgroup.procs"
done < /proc/self/cgroup
exec "$@"`;

function groupOf(name: string): string {
  return `sixhub-${process.pid}-${name}`;
}

async function removeGroups(name: string): Promise<void> {
  const ours = ['-path', `*/${groupOf(name)}*`];
  await runTool('find', ['/sys/fs/cgroup', '-depth', '-type', 'd', ...ours, '-delete']);
}

function startNspawn(root: string, options: DebianOptions): ChildProcess {
  const { name = 'debian', network, router } = options;
  const net =
    network === undefined
      ? '--private-network'
      : `--network-namespace-path=/proc/${network.pid}/ns/net`;
  return spawn(
    '/bin/sh',
    [
      ...['-c', inOwnGroup, 'sh', groupOf(name)],
      programFile('systemd-nspawn', 'systemd-container'),
      ...['-D', root, '--register=no', '--keep-unit', '--link-journal=no', net],
      ...['--resolv-conf=off', '--timezone=off', '--console=read-only'],
      ...(router === true ? ['--capability=CAP_NET_ADMIN', '--bind=/dev/net/tun'] : []),
      ...['--machine', groupOf(name), '--hostname', name, '-b'],
    ],
    { stdio: ['ignore', 'ignore', 'ignore'] },
  );
}

/** systemd, the only child of nspawn. */
async function leaderOf({ pid }: ChildProcess): Promise<string> {
  const children = `/proc/${pid}/task/${pid}/children`;
  await until(async () => (await readFile(children, 'utf8')).trim() !== '');
  return (await readFile(children, 'utf8')).trim();
}

/** SIGRTMIN+3 is systemd's word for halting (systemd(1)); only kill(1) knows its number. */
async function halt(nspawn: ChildProcess): Promise<void> {
  if (nspawn.exitCode !== null || nspawn.signalCode !== null) return;
  const ended = once(nspawn, 'exit');
  await runTool('kill', ['-s', 'RTMIN+3', await leaderOf(nspawn)]);
  await ended;
}

/** What can't be waited for otherwise: a first process on its way says nothing. */
export async function until(fact: () => Promise<boolean>, timeoutMs = 120_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await fact().catch(() => false))) {
    if (performance.now() > end) throw new Error(`not so within ${timeoutMs} ms: ${fact}`);
    await sleep(100);
  }
}
