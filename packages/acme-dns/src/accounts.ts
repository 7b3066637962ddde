import { SixhubError } from '@sixhub/base';
import { answeredTexts, type Value } from './domain/values.js';
import type { NameChange, StoredAccount } from './ports.js';

export interface Entry {
  readonly account: StoredAccount;
  readonly values: readonly Value[];
}

/** All accounts with their values, as they are committed. */
export class Accounts {
  private readonly entries = new Map<string, Entry>();

  get size(): number {
    return this.entries.size;
  }

  get(subdomain: string): Entry | undefined {
    return this.entries.get(subdomain);
  }

  set(entry: Entry): void {
    this.entries.set(entry.account.subdomain, entry);
  }

  delete(subdomain: string): void {
    this.entries.delete(subdomain);
  }

  all(): IterableIterator<Entry> {
    return this.entries.values();
  }
}

export function nameChange(entry: Entry): NameChange {
  return { subdomain: entry.account.subdomain, values: answeredTexts(entry.values) };
}

export function noAccount(subdomain: string): SixhubError {
  return new SixhubError({
    code: 'no-such-account',
    fact: `there is no account with the subdomain ${subdomain}`,
    hint: "'acme-dns accounts list' shows those that are there.",
  });
}
