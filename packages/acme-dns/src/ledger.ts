import { SixhubError, type Clock } from '@sixhub/base';
import { Accounts, nameChange, noAccount, type Entry } from './accounts.js';
import { nextSerial } from './domain/serial.js';
import type { Change, NameChange, NameServer, Store, StoredAccount } from './ports.js';

/** What one request makes of an account: `undefined` removes it. `changes` is the same for the store. */
export interface Step {
  readonly entry: Entry | undefined;
  readonly changes: readonly Change[];
}

/** Decides against the account as it is when the request's turn comes, not when it arrived. */
export type Plan = (entry: Entry | undefined, sequence: number) => Step;

interface Waiting {
  readonly subdomain: string;
  readonly plan: Plan;
  readonly since: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export interface LedgerOptions {
  readonly store: Store;
  readonly nameServer: NameServer;
  readonly clock: Clock;
  readonly serial: number;
  readonly sequence: number;
  /** A request that the store has not committed by then is refused. */
  readonly patienceMs: number;
}

/** Keeps a flood of requests from filling the memory while the store is slow. */
const longestQueue = 100_000;
const largestBatch = 2_000;

/**
 * Every change goes the same way: into the store (durable), then to the name server (answered), then to memory, and
 * only then its caller hears of it. While one batch is on its way the next one gathers, so that one fsync carries
 * many requests (group commit) and a request that comes alone waits for nobody.
 */
export class Ledger {
  readonly accounts = new Accounts();
  private readonly options: LedgerOptions;
  private waiting: Waiting[] = [];
  private running = false;
  private serial: number;
  private sequence: number;

  constructor(options: LedgerOptions) {
    this.options = options;
    this.serial = options.serial;
    this.sequence = options.sequence;
  }

  /** Resolves when the change is durable and answered; rejects when the plan throws or the store refuses. */
  change(subdomain: string, plan: Plan): Promise<void> {
    if (this.waiting.length >= longestQueue) return Promise.reject(storeSlow());
    return new Promise((resolve, reject) => {
      const since = this.options.clock.now().getTime();
      const handle = setTimeout(() => reject(storeSlow()), this.options.patienceMs);
      this.waiting.push({
        subdomain,
        plan,
        since,
        resolve: () => {
          clearTimeout(handle);
          resolve();
        },
        reject: (error) => {
          clearTimeout(handle);
          reject(error);
        },
      });
      if (!this.running) void this.run();
    });
  }

  /** As `change`, for an account that has to be there. */
  changeEntry(subdomain: string, plan: (entry: Entry, sequence: number) => Step): Promise<void> {
    return this.change(subdomain, (entry, sequence) => {
      if (entry === undefined) throw noAccount(subdomain);
      return plan(entry, sequence);
    });
  }

  add(account: StoredAccount): Promise<void> {
    return this.change(account.subdomain, () => ({
      entry: { account, values: [] },
      changes: [{ kind: 'account-added', account }],
    }));
  }

  private async run(): Promise<void> {
    this.running = true;
    await Promise.resolve(); // requests of the same turn go together
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, largestBatch);
      await this.commit(batch);
    }
    this.running = false;
  }

  private async commit(batch: readonly Waiting[]): Promise<void> {
    const { clock, patienceMs, store, nameServer } = this.options;
    const now = clock.now().getTime();
    const draft = new Map<string, Entry | undefined>();
    const changes: Change[] = [];
    const planned: Waiting[] = [];
    for (const request of batch) {
      if (now - request.since > patienceMs) continue; // its caller has been refused already
      try {
        const known = draft.has(request.subdomain)
          ? draft.get(request.subdomain)
          : this.accounts.get(request.subdomain);
        const step = request.plan(known, ++this.sequence);
        draft.set(request.subdomain, step.entry);
        for (const change of step.changes) changes.push(change);
        planned.push(request);
      } catch (error) {
        request.reject(error);
      }
    }
    try {
      if (changes.length > 0) {
        const serial = nextSerial(this.serial, Math.floor(now / 1_000));
        await store.commit(changes, serial);
        this.serial = serial;
        await nameServer.apply([...draft].map(asNameChange), serial);
      }
      for (const [subdomain, entry] of draft) this.remember(subdomain, entry);
      for (const request of planned) request.resolve();
    } catch (error) {
      for (const request of planned) request.reject(error);
    }
  }

  private remember(subdomain: string, entry: Entry | undefined): void {
    if (entry === undefined) this.accounts.delete(subdomain);
    else this.accounts.set(entry);
  }
}

function asNameChange([subdomain, entry]: readonly [string, Entry | undefined]): NameChange {
  return entry === undefined ? { subdomain, values: 'gone' } : nameChange(entry);
}

function storeSlow(): SixhubError {
  return new SixhubError({
    code: 'database-slow',
    fact: 'the database does not take changes at the moment',
    hint: 'DNS is answered from memory all the while. Look at the disk, and at who else has the database file open.',
  });
}
