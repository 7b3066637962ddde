import type { EventLoopUtilization } from 'node:perf_hooks';
import { parentPort, Worker } from 'node:worker_threads';
import { SixhubError } from '@sixhub/base';
import { faultError, faultMessage, type FaultMessage } from './fault-message.js';

/** What these threads allocate dies at once; Node's own 48 MB would only be garbage that waits. */
const youngMegabytes = 8;

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

type Return =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: FaultMessage };

/** Calls that a thread answers, by name: what goes in, what comes back. Everything is copied. */
export type Calls = Record<string, (argument: never) => unknown>;

type Argument<F> = F extends (argument: infer A) => unknown ? A : never;
type Result<F> = F extends (argument: never) => infer R ? Awaited<R> : never;

/** This side of a thread: calls with answers, in the order they were made. */
export class Thread<C extends Calls> implements AsyncDisposable {
  private readonly worker: Worker;
  private readonly open = new Map<
    number,
    { resolve(value: unknown): void; reject(error: unknown): void }
  >();
  private next = 0;
  private measured: EventLoopUtilization | undefined;
  private ended: SixhubError | undefined;

  constructor(script: URL, start: unknown, onEnd: (error: SixhubError) => void) {
    this.worker = new Worker(script, {
      workerData: start,
      execArgv: [], // what the embedding program was started with (--input-type, a loader) is not for us
      resourceLimits: { maxYoungGenerationSizeMb: youngMegabytes },
    });
    this.worker.on('message', (answer: Return) => this.settle(answer));
    this.worker.on('error', (error) => this.end(faultError(faultMessage(error)), onEnd));
    this.worker.on('exit', () => this.end(threadGone(script), onEnd));
  }

  call<N extends keyof C & string>(name: N, argument: Argument<C[N]>): Promise<Result<C[N]>> {
    return new Promise((resolve, reject) => {
      if (this.ended !== undefined) {
        reject(this.ended);
        return;
      }
      const id = this.next++;
      // The thread runs exactly C (see `serveCalls`), so what comes back for N is N's result.
      this.open.set(id, { resolve: (value) => resolve(value as Result<C[N]>), reject });
      this.worker.postMessage({ id, name, argument } satisfies Call);
    });
  }

  /** Which part of the time since the last call of this it worked. */
  utilization(): number {
    const now = this.worker.performance.eventLoopUtilization();
    const since = this.worker.performance.eventLoopUtilization(now, this.measured);
    this.measured = now;
    return since.utilization;
  }

  /** The thread has been told to close by a call of its own; this waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.ended ??= new SixhubError({
      code: 'closed',
      fact: 'acme-dns is closed',
      hint: 'Start it again.',
    });
    await this.worker.terminate();
    for (const { reject } of this.open.values()) reject(this.ended);
    this.open.clear();
  }

  private settle(answer: Return): void {
    const call = this.open.get(answer.id);
    this.open.delete(answer.id);
    if ('fault' in answer) call?.reject(faultError(answer.fault));
    else call?.resolve(answer.value);
  }

  private end(error: SixhubError, onEnd: (error: SixhubError) => void): void {
    if (this.ended !== undefined) return;
    this.ended = error;
    for (const { reject } of this.open.values()) reject(error);
    this.open.clear();
    onEnd(error);
  }
}

function threadGone(script: URL): SixhubError {
  return new SixhubError({
    code: 'thread-ended',
    fact: `the thread ${script.pathname.split('/').slice(-2).join('/')} of acme-dns ended by itself`,
    hint: 'Start acme-dns again, and please report what the log says before this line.',
  });
}

/** The other side: answers calls one after the other, so that a later one never overtakes. */
export function serveCalls<C extends Calls>(calls: C): void {
  let last: Promise<void> = Promise.resolve();
  parentPort?.on('message', (call: Call) => {
    last = last.then(() => answer(calls, call));
  });
}

async function answer<C extends Calls>(calls: C, { id, name, argument }: Call): Promise<void> {
  try {
    // `Thread.call` of the same C made this message, so name and argument fit.
    const value = await calls[name]?.(argument as never);
    parentPort?.postMessage({ id, value } satisfies Return);
  } catch (error) {
    parentPort?.postMessage({ id, fault: faultMessage(error) } satisfies Return);
  }
}
