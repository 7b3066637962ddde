import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { systemCode } from '@sixhub/base';

/** A daemon in the foreground, as a child that does not outlive this process. */
export interface Daemon {
  stop(): Promise<void>;
}

export interface DaemonSpec {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  readonly isReady: () => Promise<boolean>;
}

const readyWithinMs = 15_000;
const stopsWithinMs = 5_000;

/** Returns when it is ready; throws with its last words where it ends first. */
export async function startDaemon(spec: DaemonSpec): Promise<Daemon> {
  const log = await open(spec.logFile, 'a');
  // setpriv: the kernel ends it where this process dies without a word. A group of its own, for its own children.
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', '--', spec.program, ...spec.args], {
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
    env: { ...process.env, ...spec.env },
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
  await log.close();
  const isRunning = (): boolean =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const stop = async (): Promise<void> => {
    if (isRunning()) child.kill('SIGTERM');
    const timer = setTimeout(() => killGroup(child.pid), stopsWithinMs);
    await ended;
    clearTimeout(timer);
    killGroup(child.pid);
  };
  const deadline = Date.now() + readyWithinMs;
  while (!(await spec.isReady())) {
    if (!isRunning() || Date.now() > deadline) {
      await stop();
      const words = await readFile(spec.logFile, 'utf8');
      throw new Error(
        `${spec.program} was not ready: ${words.trimEnd().split('\n').slice(-15).join('\n')}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { stop };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}
