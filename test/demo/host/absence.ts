import { systemClock } from '@sixhub/base';
import type { HostMachine } from '../../lab/index.js';

/** How long an address does not answer somebody outside, by asking it again and again. */
export interface Absence extends AsyncDisposable {
  began(signal: AbortSignal): Promise<void>;
  /** The seconds between the last answer before and the first after. */
  ended(signal: AbortSignal): Promise<number>;
}

export function watchAbsence(outside: HostMachine, address: string): Absence {
  const closed = new AbortController();
  let lastAnswer = performance.now();
  let lost: number | undefined;
  let back: number | undefined;
  const watching = (async () => {
    while (!closed.signal.aborted && back === undefined) {
      const result = await outside.run('ping', ['-n', '-c', '1', '-W', '0.3', address]);
      const answers = result.kind === 'exited' && result.code === 0;
      if (!answers) lost ??= lastAnswer;
      else if (lost === undefined) lastAnswer = performance.now();
      else back = performance.now();
      await systemClock.sleep(50, closed.signal).catch(() => undefined);
    }
  })();
  const until = async (holds: () => boolean, signal: AbortSignal): Promise<void> => {
    while (!holds()) await systemClock.sleep(20, signal);
  };
  return {
    began: (signal) => until(() => lost !== undefined, signal),
    async ended(signal) {
      await until(() => back !== undefined, signal);
      return ((back ?? 0) - (lost ?? 0)) / 1000;
    },
    async [Symbol.asyncDispose]() {
      closed.abort();
      await watching;
    },
  };
}
