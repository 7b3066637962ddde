import { schedule } from 'node-cron';
import type { DelegationWatch } from './delegation-watch.js';
import type { RevocationWork } from './revocation-work.js';
import type { RenewalScheduler } from './scheduler.js';

/** Often enough for certificates that live minutes; a tick costs one look at an index. */
const everyTenSeconds = '*/10 * * * * *';

/** Has each look now and from then on, at its own pace, until closed. */
export function startSchedule(
  scheduler: RenewalScheduler,
  watch: DelegationWatch,
  revocations: RevocationWork,
): AsyncDisposable {
  const parts = [
    { name: 'renewal', part: scheduler },
    { name: 'delegations', part: watch },
    { name: 'revocations', part: revocations },
  ];
  const tasks = parts.map(({ name, part }) =>
    schedule(everyTenSeconds, () => part.tick(), {
      name,
      noOverlap: true,
      // A tick that was missed in a sleep is made up for by the next one.
      suppressMissedWarning: true,
    }),
  );
  for (const { part } of parts) void part.tick();
  return {
    async [Symbol.asyncDispose]() {
      for (const task of tasks) await task.destroy();
      for (const { part } of parts) await part.stop();
    },
  };
}
