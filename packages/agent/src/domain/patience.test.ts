import { expect, test } from 'vitest';
import { askAgainAfter, spreadOver } from './patience.js';

/** The same each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Tries of one agent whose hub is away from `leftMs` to `backMs`: when each was made. The last one got through. */
function tries(leftMs: number, backMs: number, random: () => number): readonly number[] {
  const made: number[] = [];
  for (let at = leftMs, failures = 0; ; at += askAgainAfter(failures, random)) {
    made.push(at);
    if (at >= backMs) return made;
    failures += 1;
  }
}

function busiestSecond(instants: readonly number[]): number {
  const seconds = new Map<number, number>();
  for (const at of instants) {
    const second = Math.floor(at / 1_000);
    seconds.set(second, (seconds.get(second) ?? 0) + 1);
  }
  return [...seconds.values()].reduce((most, count) => Math.max(most, count), 0);
}

const hour = 3_600_000;

test('after a week a thousand are back within a quarter of an hour, never more than ten in a second', () => {
  const random = seeded(1);
  const all = Array.from({ length: 1_000 }, () => tries(0, 168 * hour, random));
  const back = all.map((made) => made.at(-1) ?? Number.NaN);
  expect(Math.max(...back)).toBeLessThan(168 * hour + 900_000);
  expect(busiestSecond(back)).toBeLessThanOrEqual(10);
  // And while it is away, each eight times an hour, and all at their own instants.
  const later = all.flat().filter((at) => at > hour && at < 168 * hour);
  expect(later.length / 1_000 / 167).toBeLessThan(10);
  expect(busiestSecond(later)).toBeLessThanOrEqual(15);
});

test('a hub that was killed and is back two seconds later gets a thousand over half a minute', () => {
  const random = seeded(2);
  const all = Array.from({ length: 1_000 }, () => tries(0, 2_000, random));
  // All have lost their connection in the same instant, which nobody can help; from there on:
  expect(busiestSecond(all.flatMap((made) => made.slice(1)))).toBeLessThanOrEqual(60);
  const back = all.map((made) => made.at(-1) ?? Number.NaN);
  expect(Math.max(...back)).toBeLessThan(92_000);
});

test('one that said over how many seconds gets them so', () => {
  const random = seeded(3);
  const back = Array.from({ length: 10_000 }, () => spreadOver(200, random));
  expect(busiestSecond(back)).toBeLessThanOrEqual(80);
  expect(Math.max(...back)).toBeLessThan(200_000);
});

test('windows grow to what the timer asks at anyhow, whatever is said', () => {
  const windows = [1, 2, 3, 4, 5, 6, 2_000].map((failures) => askAgainAfter(failures, () => 1));
  expect(windows).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 900_000, 900_000]);
  expect(askAgainAfter(1, () => 0)).toBe(0);
  expect(spreadOver(999_999, () => 1)).toBe(900_000);
});
