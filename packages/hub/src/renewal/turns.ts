/** Work that is done a turn at a time, whenever it is called, until it is stopped. */
export class Turns {
  readonly #work: (signal: AbortSignal) => Promise<void>;
  readonly #stop = new AbortController();
  #turn: Promise<void> | undefined;

  constructor(work: (signal: AbortSignal) => Promise<void>) {
    this.#work = work;
  }

  /** Aborts at `stop`. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Turns never overlap: one that is called for while another is taken is that one. */
  take(): Promise<void> {
    if (this.#stop.signal.aborted) return Promise.resolve();
    this.#turn ??= this.#work(this.#stop.signal).finally(() => (this.#turn = undefined));
    return this.#turn;
  }

  /** Takes no more; resolves when the last is over. */
  async stop(): Promise<void> {
    this.#stop.abort(new Error('the hub is stopping'));
    await this.#turn;
  }
}
