import type { SixhubError } from '@sixhub/base';
import type { ListenAddress } from '../domain/listen-address.js';
import type { NameChange, NameServer } from '../ports.js';
import { Thread } from '../thread.js';
import type { Counters } from './counters.js';
import type { DnsCalls, DnsSettings, DnsStart } from './dns-calls.js';
import type { Protocols } from './listeners.js';

/** The name server behind a thread of its own: whatever the rest of the process does, it answers. */
export class ThreadedNameServer implements NameServer, AsyncDisposable {
  private readonly thread: Thread<DnsCalls>;

  constructor(start: DnsStart, onEnd: (error: SixhubError) => void) {
    this.thread = new Thread(new URL('./dns-thread.js', import.meta.url), start, onEnd);
  }

  listen(
    listen: readonly ListenAddress[],
    protocols: Protocols,
  ): Promise<readonly ListenAddress[]> {
    return this.thread.call('listen', { listen, protocols });
  }

  apply(changes: readonly NameChange[], serial: number): Promise<void> {
    return this.thread.call('apply', { changes, serial });
  }

  reload(settings: DnsSettings, serial: number): Promise<void> {
    return this.thread.call('reload', { settings, serial });
  }

  utilization(): number {
    return this.thread.utilization();
  }

  counters(): Promise<Counters> {
    return this.thread.call('counters', undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.thread.call('close', undefined).catch(() => undefined); // the thread has ended already
    await this.thread[Symbol.asyncDispose]();
  }
}
