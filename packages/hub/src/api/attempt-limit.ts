/** At most so many attempts a key in a window; kept in memory, and forgotten with the window. */
export class AttemptLimit {
  readonly #attempts: number;
  readonly #perMs: number;
  #windowStart = 0;
  readonly #counts = new Map<string, number>();

  constructor(limit: { readonly attempts: number; readonly perMs: number }) {
    this.#attempts = limit.attempts;
    this.#perMs = limit.perMs;
  }

  allow(key: string, now: Date): boolean {
    if (now.getTime() - this.#windowStart >= this.#perMs) {
      this.#windowStart = now.getTime();
      this.#counts.clear();
    }
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count <= this.#attempts;
  }
}
