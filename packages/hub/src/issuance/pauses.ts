import type { Clock } from '@sixhub/base';

/** The waits of one issuance: they can be cut short, and while it waits it can be ended. */
export class Pauses {
  readonly #clock: Clock;
  readonly #stop: AbortSignal;
  readonly #cancelled = new AbortController();
  #wake: AbortController | undefined;

  constructor(clock: Clock, stop: AbortSignal) {
    this.#clock = clock;
    this.#stop = stop;
  }

  get ended(): boolean {
    return this.#stop.aborted || this.#cancelled.signal.aborted;
  }

  /** Returns after the time or when woken; rejects when the issuance is to end. */
  async pause(milliseconds: number): Promise<void> {
    const wake = new AbortController();
    this.#wake = wake;
    const end = [this.#stop, this.#cancelled.signal];
    try {
      await this.#clock.sleep(milliseconds, AbortSignal.any([wake.signal, ...end]));
    } catch (error) {
      if (!wake.signal.aborted || this.ended) throw error;
    } finally {
      this.#wake = undefined;
    }
  }

  wake(): void {
    this.#wake?.abort();
  }

  /** Only who waits can be ended: false otherwise. */
  cancel(): boolean {
    if (this.#wake === undefined) return false;
    this.#cancelled.abort(new Error('this issuance was replaced'));
    return true;
  }
}
