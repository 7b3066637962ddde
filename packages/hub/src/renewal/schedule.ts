import { schedule } from 'node-cron';

/** What is looked after again and again; a turn that comes while another is taken is that one. */
export interface Watched {
  tick(): Promise<void>;
  stop(): Promise<void>;
}

/** Often enough for certificates that live minutes; a tick costs one look at an index. */
const everyTenSeconds = '*/10 * * * * *';

/** Has each look now and from then on, at its own pace, until closed; by its name in the log of node-cron. */
export function startSchedule(watched: Readonly<Record<string, Watched>>): AsyncDisposable {
  const parts = Object.entries(watched);
  const tasks = parts.map(([name, part]) =>
    schedule(everyTenSeconds, () => part.tick(), {
      name,
      noOverlap: true,
      // A tick that was missed in a sleep is made up for by the next one.
      suppressMissedWarning: true,
    }),
  );
  for (const [, part] of parts) void part.tick();
  return {
    async [Symbol.asyncDispose]() {
      for (const task of tasks) await task.destroy();
      for (const [, part] of parts) await part.stop();
    },
  };
}
