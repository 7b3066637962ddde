import type { Conduct } from './conduct.js';
import { Refused } from './refusal.js';

/** As Let's Encrypt limits: new orders of an account, certificates of names, failures of a name. */
export interface Limit {
  readonly per: 'account' | 'same-names' | 'registered-domain' | 'failed-authorizations';
  readonly count: number;
  readonly withinMs: number;
}

/** Counts what is limited and refuses what is too much, with the time when the next fits. */
export class Limits {
  readonly #limits: readonly Limit[];
  readonly #conduct: Conduct;
  /** By what is counted: when the bucket is full again. Each token comes back by itself. */
  readonly #fullAt = new Map<string, number>();

  constructor(limits: readonly Limit[], conduct: Conduct) {
    this.#limits = limits;
    this.#conduct = conduct;
  }

  /** Throws where an order for these names is one too many; what replaces (RFC 9773 §5) is never. */
  checkOrder(account: number, names: readonly string[], replaces: boolean, now: number): void {
    for (const limit of this.#limits) {
      // Failures count for whoever asks.
      if (replaces && limit.per !== 'failed-authorizations') continue;
      for (const subject of subjects(limit, account, names)) this.#check(limit, subject, now);
    }
  }

  ordered(account: number, names: readonly string[], replaces: boolean, now: number): void {
    if (!replaces) this.#count(['account'], account, names, now);
  }

  issued(account: number, names: readonly string[], replaces: boolean, now: number): void {
    if (!replaces) this.#count(['same-names', 'registered-domain'], account, names, now);
  }

  failed(account: number, name: string, now: number): void {
    this.#count(['failed-authorizations'], account, [name], now);
  }

  #count(
    per: readonly Limit['per'][],
    account: number,
    names: readonly string[],
    now: number,
  ): void {
    for (const limit of this.#limits.filter((one) => per.includes(one.per))) {
      for (const subject of subjects(limit, account, names)) {
        const key = keyOf(limit, subject);
        const from = Math.max(now, this.#fullAt.get(key) ?? now);
        this.#fullAt.set(key, from + limit.withinMs / limit.count);
      }
    }
  }

  #check(limit: Limit, subject: string, now: number): void {
    const key = keyOf(limit, subject);
    const refillMs = limit.withinMs / limit.count;
    const until = Math.ceil((this.#fullAt.get(key) ?? now) - (limit.count - 1) * refillMs);
    if (until <= now) return;
    this.#conduct.asked(key, now);
    this.#conduct.ordered(key, until, now);
    const words = `${wording(limit, subject)}, retry after ${new Date(until).toISOString()}`;
    this.#conduct.limited.push(words);
    throw new Refused(429, 'rateLimited', words, { retryAfterMs: until - now });
  }
}

/** What is counted together. */
function subjects({ per }: Limit, account: number, names: readonly string[]): readonly string[] {
  switch (per) {
    case 'account':
      return [String(account)];
    case 'same-names':
      return [names.toSorted().join()];
    case 'registered-domain':
      return [...new Set(names.map((name) => name.split('.').slice(-2).join('.')))];
    case 'failed-authorizations':
      return [...new Set(names.map((name) => name.replace(/^\*\./, '')))];
    default:
      return per satisfies never;
  }
}

function keyOf({ per, count }: Limit, subject: string): string {
  return `${per} ${count} ${subject}`;
}

/** In Boulder's words, by which a client can tell what is limited. */
function wording({ per, count, withinMs }: Limit, subject: string): string {
  const last = `in the last ${withinMs / 3_600_000}h0m0s`;
  switch (per) {
    case 'account':
      return `too many new orders (${count}) from this account ${last}`;
    case 'same-names':
      return `too many certificates (${count}) already issued for this exact set of identifiers ${last}`;
    case 'registered-domain':
      return `too many certificates (${count}) already issued for "${subject}" ${last}`;
    case 'failed-authorizations':
      return `too many failed authorizations (${count}) for "${subject}" ${last}`;
    default:
      return per satisfies never;
  }
}
