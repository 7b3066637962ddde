import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * Names of the programs that run in this network namespace. From /proc, since a host without systemd is looked at as well;
 * those that have ended and were not yet waited for (state Z) run no more.
 */
export async function runningPrograms(): Promise<ReadonlySet<string>> {
  const own = await readlink('/proc/self/ns/net');
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const names = await Promise.all(pids.map((pid) => nameOf(pid, own)));
  return new Set(names.flat());
}

async function nameOf(pid: string, own: string): Promise<readonly string[]> {
  try {
    if ((await readlink(`/proc/${pid}/ns/net`)) !== own) return [];
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    if (/^State:\s+[ZX]/m.test(status)) return [];
    return [/^Name:\s+(.*)$/m.exec(status)?.[1] ?? ''];
  } catch {
    return []; // it has ended meanwhile, or is not ours to look at
  }
}
