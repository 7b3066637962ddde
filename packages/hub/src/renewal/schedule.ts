import { schedule } from 'node-cron';
import type { RenewalScheduler } from './scheduler.js';

/** Often enough for certificates that live minutes; a tick costs one look at an index. */
const everyTenSeconds = '*/10 * * * * *';

/** Has the scheduler look now and from then on, until closed. */
export function startSchedule(scheduler: RenewalScheduler): AsyncDisposable {
  const task = schedule(everyTenSeconds, () => scheduler.tick(), {
    name: 'renewal',
    noOverlap: true,
    // A tick that was missed in a sleep is made up for by the next one.
    suppressMissedWarning: true,
  });
  void scheduler.tick();
  return {
    async [Symbol.asyncDispose]() {
      await task.destroy();
      await scheduler.stop();
    },
  };
}
