import { errorText, type Clock } from '@sixhub/base';
import type { Ledger } from './ledger.js';
import type { Log, Store } from './ports.js';

const everyMs = 1_000;

/** Notices what another process (the command line, a second server) wrote into the same database, and takes it over. */
export class ForeignChanges implements AsyncDisposable {
  private readonly stop = new AbortController();
  private readonly done: Promise<void>;

  constructor(store: Store, ledger: Ledger, log: Log, clock: Clock) {
    this.done = this.run(store, ledger, log, clock);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop.abort();
    await this.done;
  }

  private async run(store: Store, ledger: Ledger, log: Log, clock: Clock): Promise<void> {
    let seen: number | undefined;
    while (!this.stop.signal.aborted) {
      try {
        const now = await store.foreignChanges();
        if (seen !== undefined && seen !== now) {
          await ledger.reload();
          log.info(
            { accounts: ledger.accounts.size },
            'accounts read again, another process changed them',
          );
        }
        seen = now;
      } catch (error) {
        log.warn(
          { error: errorText(error) },
          'the database was not looked at, next try in a second',
        );
      }
      await clock.sleep(everyMs, this.stop.signal).catch(() => undefined); // closing ends the wait
    }
  }
}
