import { longestPauseMs, lookAt, type Renewal } from './renewal.js';

/**
 * What is due. It is given what an index found at or before `now`, never all certificates, and every decision is
 * about an absolute time: after a long stop, a sleep or a clock that was put forward all that was missed is due at
 * once, and is worked off at the pace that the authorities' limits leave.
 */
export interface Candidate {
  readonly renewal: Renewal;
  /** An issuance of it is unfinished: it tries again by itself. */
  readonly issuing: boolean;
  /** When an authority may be asked for it, by what it told us and by its limits; `now` or before: at once. */
  readonly fitsAt: Date;
}

export interface Plan {
  /** Renewal information is to be asked for. */
  readonly ask: readonly Renewal[];
  /** An issuance is to be started; paused already, so that none is due twice. */
  readonly renew: readonly Renewal[];
  /** Due, and held back until `pausedUntil`. */
  readonly held: readonly Renewal[];
}

export function planRenewals(candidates: readonly Candidate[], now: Date): Plan {
  const ask: Renewal[] = [];
  const renew: Renewal[] = [];
  const held: Renewal[] = [];
  for (const { renewal, issuing, fitsAt } of candidates) {
    if (lookAt(renewal) > now) continue;
    // Asked first, so that a window that has moved is known before anything is ordered.
    if (renewal.askAt !== undefined && renewal.askAt <= now) {
      ask.push(renewal);
    } else if (issuing || fitsAt <= now) {
      const pausedUntil = new Date(now.getTime() + longestPauseMs(renewal));
      (issuing ? held : renew).push({ ...renewal, pausedUntil });
    } else {
      held.push({ ...renewal, pausedUntil: fitsAt });
    }
  }
  return { ask, renew, held };
}
