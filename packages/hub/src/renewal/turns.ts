/** Work that is done a turn at a time, whenever it is called, until it is stopped; one that fails ends no other. */
export class Turns {
  readonly #work: (signal: AbortSignal) => Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #stop = new AbortController();
  #turn: Promise<void> | undefined;

  /** `failed` hears of what went wrong in a turn, but for what `stop` cut short. */
  constructor(work: (signal: AbortSignal) => Promise<void>, failed: (error: unknown) => void) {
    this.#work = work;
    this.#failed = failed;
  }

  /** Aborts at `stop`. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Turns never overlap: one that is called for while another is taken is that one. */
  take(): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    this.#turn ??= this.#take().finally(() => (this.#turn = undefined));
    return this.#turn;
  }

  async #take(): Promise<void> {
    const { signal } = this.#stop;
    try {
      await this.#work(signal);
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    }
  }

  /** Takes no more; resolves when the last is over. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the hub is stopping'));
    await this.#turn;
  }
}
