import { AuthorityProblem } from './problem.js';

/** `Date` has whole seconds and is as old as the way takes (RFC 9110 §6.6.1); what certificates need is days. */
const toleratedMs = 3_600_000;

export function isWrongClock(skewMs: number): boolean {
  return Math.abs(skewMs) > toleratedMs;
}

/** `aheadMs`: how far this machine's clock is before the authority's. */
export function wrongClock(authority: string, aheadMs: number, now: Date): AuthorityProblem {
  const theirs = new Date(now.getTime() - aheadMs);
  return new AuthorityProblem({
    kind: 'wrong-clock',
    authority,
    detail: `this machine's clock is ${spanText(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead' : 'behind'}: it says ${secondsText(now)}, and the authority ${secondsText(theirs)}`,
  });
}

function spanText(milliseconds: number): string {
  const hours = Math.round(milliseconds / 3_600_000);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

function secondsText(time: Date): string {
  return time.toISOString().replace(/\.\d+/, '');
}
