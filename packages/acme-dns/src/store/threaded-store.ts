import type { SixhubError } from '@sixhub/base';
import type { Change, Origin, Page, Store } from '../ports.js';
import { Thread } from '../thread.js';
import type { StoreCalls, StoreStart } from './store-calls.js';

/** The store behind a thread of its own: a disk that hangs makes promises late and nothing else. */
export class ThreadedStore implements Store {
  private readonly thread: Thread<StoreCalls>;

  constructor(file: string, onEnd: (error: SixhubError) => void) {
    const start: StoreStart = { file };
    this.thread = new Thread(new URL('./store-thread.js', import.meta.url), start, onEnd);
  }

  origin(): Promise<Origin> {
    return this.thread.call('origin', undefined);
  }

  async *pages(): AsyncGenerator<Page> {
    for (;;) {
      const page = await this.thread.call('nextPage', undefined);
      if (page === undefined) return;
      yield page;
    }
  }

  commit(changes: readonly Change[], serial: number): Promise<void> {
    return this.thread.call('commit', { changes, serial });
  }

  foreignChanges(): Promise<number> {
    return this.thread.call('foreignChanges', undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.thread.call('close', undefined).catch(() => undefined); // it never opened, or is gone
    await this.thread[Symbol.asyncDispose]();
  }
}
