/**
 * When a version that failed is tried again, without a new issuance: 1, 10, 100 minutes after, then daily.
 * Soon at first, because a person often is at work on the machine just then; rarely later, because each try
 * reloads services.
 */
const minutes = [1, 10, 100] as const;
const day = 24 * 60;

export function retryAt(failures: number, now: Date): Date {
  return new Date(now.getTime() + (minutes[failures - 1] ?? day) * 60_000);
}

/** A moment farther away than any wait was written by a clock that was wrong: it does not hold. */
export function stillWaiting(until: string | undefined, now: Date): boolean {
  if (until === undefined) return false;
  const left = Date.parse(until) - now.getTime();
  return left > 0 && left <= day * 60_000;
}
