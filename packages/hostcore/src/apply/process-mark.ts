import { readFileSync } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import type { Caller } from '../domain/apply/confirmation.js';
import type { ProcessMark, Seconds } from '../domain/apply/record.js';

/** Of /proc/PID/stat: the name in brackets may have spaces and brackets in it, proc(5). */
interface Stat {
  readonly name: string;
  readonly parent: number;
  readonly start: number;
}

/** USER_HZ, which Linux fixes at 100 for what it tells programs. */
const ticksPerSecond = 100;

export function markOf(pid: number): ProcessMark {
  return { pid, start: statOf(pid)?.start ?? 0 };
}

export function isAlive({ pid, start }: ProcessMark): boolean {
  return statOf(pid)?.start === start;
}

/** On the clock that counts from boot, sleep included, and that nobody sets. */
export function uptime(): Seconds {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
}

export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

export async function findCaller(): Promise<Caller> {
  const terminal = await readlink('/proc/self/fd/0').catch(() => '');
  return {
    sshd: nearestSshd(),
    terminal:
      terminal.startsWith('/dev/') && terminal !== '/dev/null' ? terminal.slice(5) : undefined,
  };
}

/** sshd forks a process for each connection; from OpenSSH 9.8 on that one is called sshd-session. */
function nearestSshd(): Caller['sshd'] {
  let pid = process.ppid;
  for (let depth = 0; depth < 64 && pid > 1; depth++) {
    const stat = statOf(pid);
    if (stat === undefined) return undefined;
    if (/^(sshd|sshd-session|dropbear)$/.test(stat.name)) {
      return { pid, startedAt: stat.start / ticksPerSecond };
    }
    pid = stat.parent;
  }
  return undefined;
}

function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = text.lastIndexOf(')');
    const fields = text.slice(end + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined; // ended, and not yet taken note of
    return {
      name: text.slice(text.indexOf('(') + 1, end),
      parent: Number(fields[1]),
      start: Number(fields[19]),
    };
  } catch {
    return undefined; // it has ended
  }
}
