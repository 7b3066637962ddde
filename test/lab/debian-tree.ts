import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram } from '@sixhub/base';
import { checkoutRoot } from './checkout.js';
import type { Lab } from './lab.js';
import { programFile } from './program-file.js';
import { runTool } from './run-tool.js';

/** A Debian 12 of its own, with systemd as its first process and no network but loopback. */
export interface DebianTree {
  /** Its root directory, as seen from here. */
  readonly root: string;
  /** Runs a line in its shell, as root. */
  run(line: string): Promise<Ended>;
}

export interface Ended {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export async function bootDebian(lab: Lab): Promise<DebianTree> {
  const base = await runTool('node', [join(checkoutRoot, 'scripts/setup/debian-tree.mjs')], {
    timeoutMs: 600_000,
  });
  const [root, upper, work] = [
    await lab.makeDirectory('debian'),
    await lab.makeDirectory('debian-upper'),
    await lab.makeDirectory('debian-work'),
  ];
  const layers = `lowerdir=${base.trim()},upperdir=${upper},workdir=${work}`;
  await runTool('mount', ['-t', 'overlay', '-o', layers, 'sixhub-debian', root]);
  lab.own({
    [Symbol.asyncDispose]: async () => void (await runTool('umount', ['--lazy', root])),
  });
  const nspawn = spawn(
    programFile('systemd-nspawn', 'systemd-container'),
    [
      ...['-D', root, '--register=no', '--keep-unit', '--link-journal=no', '--private-network'],
      ...['--console=read-only', '--machine', `sixhub-${process.pid}`, '-b'],
    ],
    { stdio: ['ignore', 'ignore', 'ignore'] },
  );
  lab.own({ [Symbol.asyncDispose]: () => halt(nspawn) });
  const run = async (line: string): Promise<Ended> => {
    const leader = await leaderOf(nspawn);
    const inside = ['-t', leader, '-a', '/usr/bin/env', '-i', 'HOME=/root', 'LC_ALL=C.UTF-8'];
    const words = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'bash', '-c', line];
    const ended = await runProgram(programFile('nsenter', 'util-linux'), [...inside, ...words], {
      timeoutMs: 100_000,
    });
    if (ended.kind !== 'exited') throw new Error(`${line}: ${JSON.stringify(ended)}`);
    return ended;
  };
  await until(async () => (await run('systemctl is-system-running --wait')).stdout === 'running\n');
  return { root, run };
}

/** systemd, the only child of nspawn. */
async function leaderOf({ pid }: ChildProcess): Promise<string> {
  const children = `/proc/${pid}/task/${pid}/children`;
  await until(async () => (await readFile(children, 'utf8')).trim() !== '');
  return (await readFile(children, 'utf8')).trim();
}

/** SIGRTMIN+3 is systemd's word for halting (systemd(1)); only kill(1) knows its number. */
async function halt(nspawn: ChildProcess): Promise<void> {
  if (nspawn.exitCode !== null) return;
  const ended = once(nspawn, 'exit');
  await runTool('kill', ['-s', 'RTMIN+3', await leaderOf(nspawn)]);
  await ended;
}

/** What can't be waited for otherwise: a first process on its way says nothing. */
export async function until(fact: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await fact().catch(() => false))) {
    if (performance.now() > end) throw new Error(`not so within ${timeoutMs} ms: ${fact}`);
    await sleep(100);
  }
}
