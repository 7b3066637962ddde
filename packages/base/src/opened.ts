/**
 * What a procedure has opened so far, closed in reverse order by its block unless it is moved out.
 * The part of AsyncDisposableStack (ECMAScript explicit resource management) that Node 20 lacks.
 */
export class Opened implements AsyncDisposable {
  #closers: (() => PromiseLike<void> | void)[] = [];

  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  defer(close: () => PromiseLike<void> | void): void {
    this.#closers.push(close);
  }

  /** All that was opened, in new hands: this one closes nothing any more. */
  move(): Opened {
    const moved = new Opened();
    moved.#closers = this.#closers;
    this.#closers = [];
    return moved;
  }

  /** Closes everything even where one fails to; the first failure is thrown at the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
