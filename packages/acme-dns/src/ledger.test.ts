import { systemClock } from '@sixhub/base';
import { describe, expect, test } from 'vitest';
import { Ledger } from './ledger.js';
import type { Change, NameChange, Origin, Page, Store, StoredAccount } from './ports.js';

class MemoryStore implements Store {
  readonly commits: (readonly Change[])[] = [];
  broken = false;
  hold: Promise<void> = Promise.resolve();

  origin(): Promise<Origin> {
    return Promise.resolve({ serial: 0, sequence: 0, key: new Uint8Array(32) });
  }
  async *pages(): AsyncGenerator<Page> {}
  async commit(changes: readonly Change[]): Promise<void> {
    await this.hold;
    if (this.broken) throw new Error('disk full');
    this.commits.push(changes);
  }
  foreignChanges(): Promise<number> {
    return Promise.resolve(0);
  }
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

function setUp(patienceMs = 1_000) {
  const store = new MemoryStore();
  const applied: NameChange[] = [];
  const nameServer = {
    apply: (changes: readonly NameChange[]): Promise<void> => {
      applied.push(...changes);
      return Promise.resolve();
    },
  };
  const ledger = new Ledger({
    store,
    nameServer,
    clock: systemClock,
    serial: 1,
    sequence: 0,
    patienceMs,
  });
  return { store, applied, ledger };
}

const account = (subdomain: string): StoredAccount => ({
  subdomain,
  username: `user-${subdomain}`,
  secret: '',
  allowFrom: [],
  note: '',
  createdAt: 0,
});

describe('a change', () => {
  test('shares its commit with all that wait, and is answered after it', async () => {
    const { store, applied, ledger } = setUp();
    await Promise.all(Array.from({ length: 500 }, (_, at) => ledger.add(account(`a${at}`))));
    expect(store.commits).toHaveLength(1);
    expect(applied).toHaveLength(500);
    expect(ledger.accounts.size).toBe(500);
  });

  test('that the store refuses is neither answered nor remembered', async () => {
    const { store, applied, ledger } = setUp();
    store.broken = true;
    await expect(ledger.add(account('a'))).rejects.toThrow('disk full');
    expect(applied).toEqual([]);
    expect(ledger.accounts.get('a')).toBeUndefined();
    store.broken = false;
    await ledger.add(account('a'));
    expect(ledger.accounts.get('a')).toBeDefined();
  });

  test('is refused in time while the store hangs, and works when it is back', async () => {
    const { store, ledger } = setUp(50);
    let release = (): void => undefined;
    store.hold = new Promise((resolve) => (release = resolve));
    await expect(ledger.add(account('a'))).rejects.toMatchObject({ code: 'database-slow' });
    release();
    await ledger.add(account('b'));
    expect(ledger.accounts.get('b')).toBeDefined();
  });

  test('of an account that is not there says so, and does not harm its neighbours', async () => {
    const { ledger } = setUp();
    const [lost, added] = await Promise.allSettled([
      ledger.changeEntry('nobody', (entry) => ({ entry, changes: [] })),
      ledger.add(account('a')),
    ]);
    expect(lost).toMatchObject({ status: 'rejected', reason: { code: 'no-such-account' } });
    expect(added.status).toBe('fulfilled');
  });
});
