import { readdir, readFile } from 'node:fs/promises';

/** Processor time of a thread since its start, in hundredths of a second (proc_pid_stat(5), 14 and 15). */
export interface Ticks {
  readonly user: number;
  readonly system: number;
}

export async function threadTicks(pid: number): Promise<ReadonlyMap<string, Ticks>> {
  const found = new Map<string, Ticks>();
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => undefined);
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields !== undefined)
      found.set(thread, { user: Number(fields[11]), system: Number(fields[12]) });
  }
  return found;
}

/** Processor time of a whole process since its start, its ended threads and children that it waited for included. */
export async function processMilliseconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]) * 10, 0);
}

/** What the busiest thread used between two looks. */
export function busiest(
  before: ReadonlyMap<string, Ticks>,
  after: ReadonlyMap<string, Ticks>,
): Ticks {
  const used = [...after].map(([thread, { user, system }]) => ({
    user: user - (before.get(thread)?.user ?? 0),
    system: system - (before.get(thread)?.system ?? 0),
  }));
  return used.reduce((most, next) =>
    next.user + next.system > most.user + most.system ? next : most,
  );
}
