import { spawn, type ChildProcess } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { SixhubError, systemClock, systemCode } from '@sixhub/base';
import type { Fact } from './fact.js';
import { programFile } from './program-file.js';

export interface DaemonSpec {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Standard output and error, both. */
  readonly logFile: string;
  readonly ready: Fact;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly readyWithinMs?: number;
  /** What it gets when this process dies without a word; TERM lets it end its own children. */
  readonly whenOrphaned?: 'KILL' | 'TERM';
}

export interface Daemon extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  log(): Promise<string>;
  isRunning(): boolean;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL to it and its children if it does not end. Ending an ended one is nothing. */
  stop(): Promise<void>;
  /** SIGKILL at once, as a crash. */
  kill(): Promise<void>;
}

const stopWithinMs = 5_000;

/** Starts a program by an argument list and returns when its fact holds; throws with its last words if it ends first. */
export async function startDaemon(spec: DaemonSpec): Promise<Daemon> {
  const log = await open(spec.logFile, 'a', 0o644);
  let child: ChildProcess;
  try {
    // The kernel ends it with this process, however that ends; a session of its own keeps a terminal's Ctrl-C
    // from it, so that pieces stop in order.
    const wrapper = ['--pdeathsig', spec.whenOrphaned ?? 'KILL', '--', spec.program, ...spec.args];
    child = spawn(programFile('setpriv', 'util-linux'), wrapper, {
      stdio: ['ignore', log.fd, log.fd],
      detached: true,
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      env: { ...process.env, ...spec.env },
    });
  } finally {
    await log.close();
  }
  const daemon = await running(spec, child);
  try {
    await untilReady(spec, daemon);
  } catch (error) {
    await daemon.kill();
    throw error;
  }
  return daemon;
}

async function running(spec: DaemonSpec, child: ChildProcess): Promise<Daemon> {
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
  if (child.pid === undefined) await ended;
  const pid = child.pid ?? 0;
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  const kill = async (): Promise<void> => {
    signalGroup(pid, 'SIGKILL');
    await ended;
  };
  const stop = async (): Promise<void> => {
    if (isRunning()) child.kill('SIGTERM');
    await endsWithin(ended, stopWithinMs);
    await kill();
  };
  return {
    name: spec.name,
    pid,
    log: () => readFile(spec.logFile, 'utf8'),
    isRunning,
    signal: (name) => void child.kill(name),
    stop,
    kill,
    [Symbol.asyncDispose]: stop,
  };
}

/** Its children too; they have our daemon's pid as their group, even when it has ended. */
function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}

async function endsWithin(ended: Promise<void>, milliseconds: number): Promise<void> {
  const stop = new AbortController();
  const timeout = systemClock.sleep(milliseconds, stop.signal).catch(() => undefined);
  await Promise.race([ended, timeout]);
  stop.abort();
}

async function untilReady(spec: DaemonSpec, daemon: Daemon): Promise<void> {
  const within = spec.readyWithinMs ?? 10_000;
  const deadline = performance.now() + within;
  while (!(await spec.ready.holds(daemon.log))) {
    if (!daemon.isRunning()) throw await died(spec, daemon, 'ended before it was ready');
    if (performance.now() > deadline) {
      throw await died(spec, daemon, `was not ready after ${within / 1000} s (${spec.ready.says})`);
    }
    await systemClock.sleep(10);
  }
}

async function died(spec: DaemonSpec, daemon: Daemon, how: string): Promise<SixhubError> {
  const words = (await daemon.log()).trimEnd().split('\n').slice(-15);
  return new SixhubError({
    code: 'daemon-not-ready',
    fact: `${spec.name} ${how}: ${words.at(-1) || 'it said nothing'}`,
    hint: [[spec.program, ...spec.args].join(' '), ...words].join('\n'),
  });
}
