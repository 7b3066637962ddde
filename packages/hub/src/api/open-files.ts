import { readFile } from 'node:fs/promises';

/** Files that this process may open, connections among them (proc_pid_limits(5)); Node raises soft to hard. */
export async function openFilesLimit(): Promise<number> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const [, soft] = /^Max open files +(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
