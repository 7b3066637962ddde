import { isIPv6 } from 'node:net';

export interface Limit {
  /** A key's share of a window. */
  readonly attempts: number;
  /** What all keys together may use up, so that many addresses are no way around. */
  readonly inAll: number;
  readonly perMs: number;
}

/** Attempts counted in a window of time; kept in memory, and forgotten with the window. */
export class AttemptLimit {
  readonly #limit: Limit;
  readonly #counts = new Map<string, number>();
  #windowStart = 0;
  #total = 0;

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  /** Whether the key has used up its share already; this is no attempt. */
  isSpent(key: string, now: Date): boolean {
    this.#turn(now);
    return (this.#counts.get(key) ?? 0) >= this.#limit.attempts || this.#total >= this.#limit.inAll;
  }

  /** When the window ends. */
  retryAfterS(now: Date): number {
    return Math.max(1, Math.ceil((this.#windowStart + this.#limit.perMs - now.getTime()) / 1_000));
  }

  #turn(now: Date): void {
    const age = now.getTime() - this.#windowStart;
    if (age >= 0 && age < this.#limit.perMs) return; // a clock that was put back begins a window, too
    this.#windowStart = now.getTime();
    this.#total = 0;
    this.#counts.clear();
  }

  allow(key: string, now: Date): boolean {
    this.#turn(now);
    const count = (this.#counts.get(key) ?? 0) + 1;
    if (count > this.#limit.attempts || this.#total >= this.#limit.inAll) return false;
    this.#counts.set(key, count);
    this.#total++;
    return true;
  }
}

/** An IPv6 host has a whole /64 to ask from; an IPv4 one its address. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    while (groups.length + after.length < 8) groups.push('0');
    groups.push(...after);
  }
  return `${groups.slice(0, 4).join(':')}::/64`;
}
