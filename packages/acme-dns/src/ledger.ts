import { SixhubError, type Clock } from '@sixhub/base';
import { Accounts, nameChange, noAccount, type Entry } from './accounts.js';
import { nextSerial } from './domain/serial.js';
import type { Value } from './domain/values.js';
import type { Change, NameChange, NameServer, Page, Store, StoredAccount } from './ports.js';

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

interface Draft {
  readonly draft: ReadonlyMap<string, Entry | undefined>;
  readonly changes: readonly Change[];
  readonly planned: readonly Waiting[];
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
  private stale = false;
  /** Changes made durable, and such that the store refused, since the start. */
  readonly counts = { done: 0, failed: 0 };
  private serial: number;
  private sequence: number;

  constructor(options: LedgerOptions) {
    this.options = options;
    this.serial = options.serial;
    this.sequence = options.sequence;
  }

  /** Reads everything from the store, and has the name server answer exactly that. */
  async load(): Promise<void> {
    const { store, nameServer } = this.options;
    const gone = new Set(this.accounts.subdomains());
    const origin = await store.origin();
    this.sequence = Math.max(this.sequence, origin.sequence);
    this.serial = nextSerial(origin.serial, this.serial);
    for await (const page of store.pages()) {
      const changed: Entry[] = [];
      for (const entry of entriesOf(page)) {
        gone.delete(entry.account.subdomain);
        if (this.accounts.set(entry)) changed.push(entry);
      }
      await nameServer.apply(changed.map(nameChange), this.serial);
    }
    for (const subdomain of gone) this.accounts.delete(subdomain);
    await nameServer.apply([...gone].map(asGone), this.serial);
  }

  /** As `load`, in its turn between two commits: somebody else has written to the store. */
  async reload(): Promise<void> {
    this.stale = true;
    if (!this.running) await this.run();
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
      if (!this.running) void this.run().catch(() => undefined); // told to every request that waited
    });
  }

  get currentSerial(): number {
    return this.serial;
  }

  /** Tells the name server about a new configuration under a serial that has grown. */
  async grow(tell: (serial: number) => Promise<void>): Promise<void> {
    this.serial = nextSerial(this.serial, Math.floor(this.options.clock.now().getTime() / 1_000));
    await tell(this.serial);
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
    try {
      await Promise.resolve(); // requests of the same turn go together
      while (this.waiting.length > 0 || this.stale) {
        if (this.stale) {
          await this.load();
          this.stale = false;
        }
        await this.commit(this.waiting.splice(0, largestBatch));
      }
    } catch (error) {
      for (const request of this.waiting.splice(0)) request.reject(error);
      throw error;
    } finally {
      this.running = false;
    }
  }

  /** A batch that fails is tried once more against what the store really has: somebody else may have changed it. */
  private async commit(batch: readonly Waiting[]): Promise<void> {
    try {
      await this.attempt(batch);
    } catch {
      try {
        await this.load();
        await this.attempt(batch);
      } catch (error) {
        this.counts.failed += batch.length;
        for (const request of batch) request.reject(error);
      }
    }
  }

  private async attempt(batch: readonly Waiting[]): Promise<void> {
    const { clock, store, nameServer } = this.options;
    const now = clock.now().getTime();
    const { draft, changes, planned } = this.plan(batch, now);
    if (changes.length > 0) {
      const serial = nextSerial(this.serial, Math.floor(now / 1_000));
      await store.commit(changes, serial);
      this.serial = serial;
      await nameServer.apply([...draft].map(asNameChange), serial);
    }
    for (const [subdomain, entry] of draft) this.remember(subdomain, entry);
    this.counts.done += planned.length;
    for (const request of planned) request.resolve();
  }

  private plan(batch: readonly Waiting[], now: number): Draft {
    const draft = new Map<string, Entry | undefined>();
    const changes: Change[] = [];
    const planned: Waiting[] = [];
    for (const request of batch) {
      if (now - request.since > this.options.patienceMs) continue; // its caller has been refused already
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
    return { draft, changes, planned };
  }

  private remember(subdomain: string, entry: Entry | undefined): void {
    if (entry === undefined) this.accounts.delete(subdomain);
    else this.accounts.set(entry);
  }
}

function entriesOf({ accounts, values }: Page): readonly Entry[] {
  const valuesOf = new Map<string, Value[]>();
  for (const { subdomain, ...value } of values) {
    const known = valuesOf.get(subdomain);
    if (known === undefined) valuesOf.set(subdomain, [value]);
    else known.push(value);
  }
  return accounts.map((account) => ({ account, values: valuesOf.get(account.subdomain) ?? [] }));
}

function asGone(subdomain: string): NameChange {
  return { subdomain, values: 'gone' };
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
