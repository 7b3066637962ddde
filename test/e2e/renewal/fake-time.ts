import type { Clock } from '@sixhub/base';

interface Sleeper {
  until: number;
  wake(): void;
}

/** Time that passes only when it is told to. */
export class FakeTime implements Clock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(start: Date) {
    this.#now = start.getTime();
  }

  now(): Date {
    return new Date(this.#now);
  }

  get asleep(): number {
    return this.#sleepers.size;
  }

  /** When the first sleeper wakes; Infinity where nobody sleeps. */
  get nextWake(): number {
    return Math.min(Infinity, ...[...this.#sleepers].map(({ until }) => until));
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper: Sleeper = {
        until: this.#now + milliseconds,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener('abort', aborted);
          resolve();
        },
      };
      const aborted = (): void => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', aborted, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  /** The machine sleeps, or its clock is set forward: time passes by the clock, and no timer runs. */
  jump(milliseconds: number): void {
    this.#now += milliseconds;
    for (const sleeper of this.#sleepers) sleeper.until += milliseconds;
  }

  /** Who slept is dead, and will not be woken. */
  forgetSleepers(): void {
    this.#sleepers.clear();
  }

  /** May go back: a clock that was set. */
  setTo(time: number): void {
    this.#now = time;
    for (const sleeper of [...this.#sleepers]) if (sleeper.until <= time) sleeper.wake();
  }
}
