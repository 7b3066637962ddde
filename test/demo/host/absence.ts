import { systemClock } from '@sixhub/base';
import type { HostMachine } from '../../lab/index.js';

/** How long an address does not answer somebody outside, by asking it again and again. */
export interface Absence extends AsyncDisposable {
  hasBegun(): boolean;
  /** The seconds between the last answer before and the first after. */
  ended(signal: AbortSignal): Promise<number>;
}

export function watchAbsence(outside: HostMachine, address: string): Absence {
  const closed = new AbortController();
  let lastAnswer = performance.now();
  let misses = 0;
  let lost: number | undefined;
  let back: number | undefined;
  const watching = (async () => {
    while (!closed.signal.aborted && back === undefined) {
      const result = await outside.run('ping', ['-n', '-c', '1', '-W', '0.3', address]);
      const answers = result.kind === 'exited' && result.code === 0;
      misses = answers ? 0 : misses + 1;
      // A single one may be lost because this machine is busy.
      if (misses > 1) lost ??= lastAnswer;
      else if (answers && lost === undefined) lastAnswer = performance.now();
      else if (answers) back = performance.now();
      await systemClock.sleep(50, closed.signal).catch(() => undefined);
    }
  })();
  return {
    hasBegun: () => lost !== undefined,
    async ended(signal) {
      while (back === undefined) await systemClock.sleep(20, signal);
      return (back - (lost ?? back)) / 1000;
    },
    async [Symbol.asyncDispose]() {
      closed.abort();
      await watching;
    },
  };
}
