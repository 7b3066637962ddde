/**
 * When an agent that waits at the hub asks again, so that thousands do not come in the same second. All is full jitter:
 * any instant of a window, which grows with repeated failure up to what the timer's floor is anyhow.
 */

/** A hub that was started again: a thousand come back at thirty a second, and hear of news half a minute later at most. */
const firstWindowMs = 30_000;
/** sixhub-agent.timer. */
const floorMs = 900_000;

/** Milliseconds to wait after so many failures in a row. */
export function askAgainAfter(failures: number, random: () => number): number {
  return random() * Math.min(floorMs, firstWindowMs * 2 ** (failures - 1));
}

/** Milliseconds to wait where the hub said over how many seconds all should spread. */
export function spreadOver(seconds: number, random: () => number): number {
  return random() * Math.min(floorMs, seconds * 1_000);
}
