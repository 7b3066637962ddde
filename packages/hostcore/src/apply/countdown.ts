import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { programFailure, SixhubError } from '@sixhub/base';
import type { Countdown, Seconds } from '../domain/apply/record.js';
import type { Run } from './run.js';
import { isAlive, markOf, uptime } from './process-mark.js';

/**
 * Has everything taken back after this time, whatever becomes of this process, its terminal and its connection: by a timer of
 * PID 1 where that is systemd, by a process of its own session elsewhere. Both count on the monotonic clock: a date that jumps
 * moves neither. `words` is the command that takes back.
 */
export async function arm(
  run: Run,
  name: string,
  seconds: Seconds,
  words: readonly string[],
): Promise<Countdown> {
  const endsAt = uptime() + seconds;
  if (!hasSystemd())
    return { by: { kind: 'process', mark: await leaveProcess(seconds, words) }, endsAt };
  const unit = `sixhub-hostcore-${name}`;
  const result = await run('systemd-run', [
    ...[
      `--unit=${unit}`,
      `--on-active=${Math.ceil(seconds * 1000)}ms`,
      '--timer-property=AccuracySec=100ms',
    ],
    ...['--description=Takes back what was not confirmed', '--property=Type=oneshot'],
    // One that is killed in its midst begins anew: the way back is asked of what there is.
    ...[
      '--property=Restart=on-failure',
      '--property=RestartSec=2s',
      '--property=TimeoutStartSec=infinity',
    ],
    ...['--', ...words],
  ]);
  const failure = programFailure(result);
  if (failure === undefined) return { by: { kind: 'timer', unit }, endsAt };
  throw new SixhubError({
    code: 'not-armed',
    fact: `systemd took no timer that would roll back: ${failure}`,
    hint: 'Nothing was changed. `systemctl status` says how systemd is.',
  });
}

/** Whether systemd is PID 1 and hears: its own socket; /run/systemd/system alone may be somebody's who wrote units there. */
export function hasSystemd(): boolean {
  return existsSync('/run/systemd/private');
}

async function leaveProcess(
  seconds: Seconds,
  words: readonly string[],
): Promise<ReturnType<typeof markOf>> {
  // sleep(1) counts on nanosleep(2), which a date that is set does not touch.
  const script = 'sleep "$1"; shift; until "$@"; do sleep 2; done';
  const child = spawn('sh', ['-c', script, 'hostcore-rollback', seconds.toFixed(2), ...words], {
    stdio: 'ignore',
    detached: true,
    cwd: '/',
  });
  await once(child, 'spawn');
  child.unref();
  return markOf(child.pid ?? 0);
}

export async function isArmed(run: Run, { by }: Countdown): Promise<boolean> {
  if (by.kind === 'process') return isAlive(by.mark);
  const { unit } = by;
  const shown = await run('systemctl', ['is-active', `${unit}.timer`, `${unit}.service`]);
  return shown.kind === 'exited' && /^(active|activating)$/m.test(shown.stdout);
}

/** Nothing where it is over already. Its own service is left alone: it may be who calls. */
export async function disarm(run: Run, { by }: Countdown): Promise<void> {
  if (by.kind === 'timer') {
    await run('systemctl', ['stop', `${by.unit}.timer`]);
    return;
  }
  if (!isAlive(by.mark)) return;
  // The shell's whole session: its sleep as well. Where it calls us, it is above us, and ends by itself.
  if (isAbove(by.mark.pid)) return;
  process.kill(-by.mark.pid, 'SIGTERM');
}

function isAbove(pid: number): boolean {
  return process.ppid === pid;
}
