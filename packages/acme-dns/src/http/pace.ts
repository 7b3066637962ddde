/** While answering DNS takes more than this part of its thread's time, the API steps back. */
const busyShare = 0.5;
const lookEveryMs = 100;
/** Requests that the API then still takes in a second; far more than orders need, far less than a flood. */
const busyRate = 400;
/** Beyond these, clients wait in the kernel, in the connections that they have. */
const stepMs = 5;

/**
 * Lets requests through as fast as they come, and at a fixed rate while many DNS queries have to be answered. Priorities
 * alone do not do that: each answer of the API wakes its client, which may be on this machine or make the kernel work.
 */
export class Pace implements AsyncDisposable {
  private readonly utilization: () => number;
  private readonly look: NodeJS.Timeout;
  private busy = false;
  private waiting: (() => void)[] = [];
  private step: NodeJS.Timeout | undefined;

  /** `utilization` tells which part of the time since it was last asked the answering thread worked. */
  constructor(utilization: () => number) {
    this.utilization = utilization;
    this.look = setInterval(() => this.lookAgain(), lookEveryMs).unref();
  }

  /** Resolves when a request may go on. */
  async turn(): Promise<void> {
    if (!this.busy && this.waiting.length === 0) return;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.look);
    clearInterval(this.step);
    for (const go of this.waiting.splice(0)) go();
    this.busy = false;
    return Promise.resolve();
  }

  private lookAgain(): void {
    this.busy = this.utilization() > busyShare;
    if (this.busy && this.step === undefined)
      this.step = setInterval(() => this.release((busyRate * stepMs) / 1_000), stepMs).unref();
    if (this.busy || this.step === undefined) return;
    clearInterval(this.step);
    this.step = undefined;
    this.release(this.waiting.length);
  }

  private release(count: number): void {
    for (const go of this.waiting.splice(0, count)) go();
  }
}
