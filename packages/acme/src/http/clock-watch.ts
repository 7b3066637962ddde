import type { Answer } from './transport.js';

/** Compares this machine's clock with the `Date` of an authority's answers (RFC 9110 §6.6.1). */
export class ClockWatch {
  readonly #now: () => Date;
  #aheadMs: number | undefined;

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** How far our clock is before theirs, by the newest answer that said; undefined where none did. */
  get aheadMs(): number | undefined {
    return this.#aheadMs;
  }

  saw({ headers, status }: Answer): void {
    // A page of something in between tells that thing's time.
    if (status >= 400 && !/json/.test(headers['content-type'] ?? '')) return;
    const date = Date.parse(headers.date ?? '');
    // RFC 9111 §5.1: what a cache kept was said so many seconds ago.
    const age = Number(headers.age ?? 0) * 1_000;
    if (!Number.isNaN(date) && !Number.isNaN(age)) {
      this.#aheadMs = this.#now().getTime() - (date + age);
    }
  }
}
