import { isWrongClock } from '../domain/clock-skew.js';
import type { Answer } from './transport.js';

export interface Clocks {
  /** The time that everything is planned by. */
  readonly now: () => Date;
  /** The machine's own, in milliseconds. */
  readonly machineNow: () => number;
}

/**
 * Compares the clock with the `Date` of an authority's answers (RFC 9110 §6.6.1). The clock is wrong only where the
 * machine's own is off as well: these are the same wherever time passes by itself. Only where somebody drives the
 * clock they differ, and an authority that tells the machine's time then says nothing about the driven one.
 */
export class ClockWatch {
  readonly #clocks: Clocks;
  #aheadMs: number | undefined;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
  }

  /** How far our clock is before theirs, by the newest answer that said; undefined where none did. */
  get aheadMs(): number | undefined {
    return this.#aheadMs;
  }

  saw(answer: Answer): void {
    const { headers, status } = answer;
    // A page of something in between tells that thing's time.
    if (status >= 400 && !/json/.test(headers['content-type'] ?? '')) return;
    const theirs = timeOf(answer);
    if (theirs === undefined) return;
    const machineAheadMs = this.#clocks.machineNow() - theirs;
    this.#aheadMs = isWrongClock(machineAheadMs)
      ? this.#clocks.now().getTime() - theirs
      : machineAheadMs;
  }

  /** The time at which an answer was given, by the clock that its dates go by; ours where it does not say. */
  givenAt(answer: Answer): number {
    const now = this.#clocks.now().getTime();
    const theirs = timeOf(answer);
    if (theirs === undefined) return now;
    const isDriven =
      isWrongClock(now - theirs) && !isWrongClock(this.#clocks.machineNow() - theirs);
    return isDriven ? now : theirs;
  }
}

/** What time it was for who gave the answer. */
function timeOf({ headers }: Answer): number | undefined {
  const date = Date.parse(headers.date ?? '');
  // RFC 9111 §5.1: what a cache kept was said so many seconds ago.
  const age = Number(headers.age ?? 0) * 1_000;
  return Number.isNaN(date) || Number.isNaN(age) ? undefined : date + age;
}
