import { errorText, type Clock } from '@sixhub/base';
import type { Log } from './ports.js';
import type { Registry } from './registry.js';

const everyMs = 600_000;

/** Removes values whose orders died without withdrawing them, as long as it is open. */
export class Sweep implements AsyncDisposable {
  private readonly stop = new AbortController();
  private readonly done: Promise<void>;

  constructor(registry: Registry, log: Log, clock: Clock) {
    this.done = this.run(registry, log, clock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    await this.done;
  }

  private async run(registry: Registry, log: Log, clock: Clock): Promise<void> {
    while (!this.stop.signal.aborted) {
      try {
        const removed = await registry.expire();
        if (removed > 0) log.info({ removed }, 'values removed that nobody withdrew');
      } catch (error) {
        log.warn({ error: errorText(error) }, 'old values not removed, next try in ten minutes');
      }
      await clock.sleep(everyMs, this.stop.signal).catch(() => undefined); // closing ends the wait
    }
  }
}
