import { AuthorityProblem } from '@sixhub/acme';
import { errorText, type Clock } from '@sixhub/base';
import { planRetry } from '../domain/retry.js';
import type { WrongClock } from '../domain/standing-alerts.js';
import type { Authorities } from '../issuance/authorities.js';
import type { Authority, Log } from '../ports.js';

export interface ClockGuardOptions {
  readonly authorities: Authorities;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often a clock that was right is compared again while nothing else shows that it moved. */
const usualMs = 6 * 3_600_000;

interface Compared {
  readonly at: Date;
  readonly untilMs: number;
  /** In a row. */
  readonly failures: number;
}

/**
 * Whether this machine's clock can be planned by: an authority's `Date` says. By a clock that is a year ahead every
 * certificate is due, and by one that is a year behind none ever is; either way nothing is planned, asked or renewed,
 * and the log says so. The authorities that can't be asked have no say, and one that agrees with us outvotes one that
 * does not: then it is that one's clock.
 */
export class ClockGuard {
  readonly #options: ClockGuardOptions;
  #compared: Compared | undefined;
  #wrong: WrongClock | undefined;

  constructor(options: ClockGuardOptions) {
    this.#options = options;
  }

  /** By the last comparison. */
  get wrong(): WrongClock | undefined {
    return this.#wrong;
  }

  /** The clock moved: what was found before says nothing any more. */
  forget(): void {
    const failures = this.#compared?.failures ?? 0;
    this.#compared = failures === 0 ? undefined : { at: new Date(0), untilMs: 0, failures };
  }

  async allows(signal: AbortSignal): Promise<boolean> {
    const now = this.#options.clock.now();
    const known = this.#compared;
    const age = now.getTime() - (known?.at.getTime() ?? 0);
    if (known !== undefined && age >= 0 && age < known.untilMs) return known.failures === 0;
    const wrong = await this.#compare(signal);
    const before = known?.failures ?? 0;
    if (wrong === undefined) {
      this.#wrong = undefined;
      if (before > 0) this.#options.log.info({}, 'the clock is right again; renewals go on');
      this.#compared = { at: now, untilMs: usualMs, failures: 0 };
      return true;
    }
    const { afterMs: untilMs = usualMs, hint } = planRetry(wrong.kind, before + 1);
    this.#wrong = { since: this.#wrong?.since ?? now, fact: wrong.detail, fix: hint };
    this.#compared = { at: now, untilMs: Math.min(untilMs, usualMs), failures: before + 1 };
    this.#options.log.error(
      { authority: wrong.authority, hint },
      `${wrong.detail}; nothing is renewed until it is right`,
    );
    return false;
  }

  async #compare(signal: AbortSignal): Promise<AuthorityProblem | undefined> {
    let wrong: AuthorityProblem | undefined;
    for (const authority of this.#options.authorities.all()) {
      const said = await this.#ask(authority, signal);
      if (said === 'right') return undefined;
      if (said !== 'nothing') wrong ??= said;
    }
    return wrong;
  }

  async #ask(
    authority: Authority,
    signal: AbortSignal,
  ): Promise<'right' | 'nothing' | AuthorityProblem> {
    const { authorities, log } = this.#options;
    if (!(await authorities.mayBeAskedTheTime(authority))) return 'nothing';
    try {
      using session = await authority.openWithoutAccount(signal);
      await session.checkClock();
      return 'right';
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AuthorityProblem)) {
        // Who orders meets it again and tells it.
        log.warn({ authority: authority.name, error: errorText(error) }, 'not asked the time');
        return 'nothing';
      }
      if (error.kind === 'wrong-clock') return error;
      await authorities.toldToWait(authority, error);
      return 'nothing';
    }
  }
}
