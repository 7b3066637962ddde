import { nextSerial } from '../domain/serial.js';
import { noAccount } from '../accounts.js';
import type { Change, StoredAccount, StoredValue } from '../ports.js';
import type { GoAccount } from './go-database.js';
import { KyselyStore } from './kysely-store.js';
import { openSqlite } from './sqlite.js';

/** What an import did. */
export interface Imported {
  readonly accounts: number;
  readonly values: number;
  readonly known: number;
}

/**
 * The accounts of a database as the command line changes them, whether a server has it open or not: a running one
 * notices within a second that somebody else has written.
 */
export class AccountFile implements AsyncDisposable {
  readonly store: KyselyStore;

  private constructor(store: KyselyStore) {
    this.store = store;
  }

  static async open(file: string): Promise<AccountFile> {
    return new AccountFile(await KyselyStore.open(openSqlite(file)));
  }

  async all(): Promise<{ accounts: readonly StoredAccount[]; values: readonly StoredValue[] }> {
    const accounts: StoredAccount[] = [];
    const values: StoredValue[] = [];
    for await (const page of this.store.pages()) {
      for (const account of page.accounts) accounts.push(account);
      for (const value of page.values) values.push(value);
    }
    return { accounts, values };
  }

  async find(subdomain: string): Promise<StoredAccount> {
    const { accounts } = await this.all();
    const label = subdomain.toLowerCase().split('.', 1)[0] ?? '';
    const found = accounts.find((account) => account.subdomain === label);
    if (found === undefined) throw noAccount(subdomain);
    return found;
  }

  async change(changes: readonly Change[]): Promise<void> {
    const { serial } = await this.store.origin();
    await this.store.commit(changes, nextSerial(serial, Math.floor(Date.now() / 1_000)));
  }

  /** Adds what is not there yet; an account that is there keeps everything it has. */
  async import(found: readonly GoAccount[]): Promise<Imported> {
    const known = new Set((await this.all()).accounts.map(({ subdomain }) => subdomain));
    let { sequence } = await this.store.origin();
    const fresh = found.filter(({ account }) => !known.has(account.subdomain));
    const changes: Change[] = fresh.map(({ account }) => ({ kind: 'account-added', account }));
    for (const { account, values } of fresh) {
      for (const { text, at } of values) {
        const value = { subdomain: account.subdomain, sequence: ++sequence, text, at };
        changes.push({ kind: 'value-added', value });
      }
    }
    if (changes.length > 0) await this.change(changes);
    return {
      accounts: fresh.length,
      values: changes.length - fresh.length,
      known: found.length - fresh.length,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.store[Symbol.asyncDispose]();
  }
}
