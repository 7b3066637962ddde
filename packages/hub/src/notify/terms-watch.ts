import { AuthorityProblem } from '@sixhub/acme';
import { errorText, type Clock } from '@sixhub/base';
import type { Authorities } from '../issuance/authorities.js';
import type { Authority, Log } from '../ports.js';
import { Turns } from '../renewal/turns.js';
import type { TermsStore } from '../store/terms.js';

export interface TermsWatchOptions {
  readonly authorities: Authorities;
  readonly terms: TermsStore;
  readonly clock: Clock;
  readonly log: Log;
}

const day = 86_400_000;
/** An authority that can't be asked is a trouble that its issuances tell. */
const afterErrorMs = 3_600_000;
const longestMs = 60_000;

/** Looks once a day which terms of service each authority's directory names (RFC 8555 §7.1.1, §7.3.3). */
export class TermsWatch {
  readonly #options: TermsWatchOptions;
  readonly #turns = new Turns(
    (signal) => this.#tick(signal),
    (error) =>
      this.#options.log.error(
        { error: errorText(error) },
        'looking after the terms of service failed',
      ),
  );

  constructor(options: TermsWatchOptions) {
    this.#options = options;
  }

  tick(): Promise<void> {
    return this.#turns.take();
  }

  stop(): Promise<void> {
    return this.#turns.stop();
  }

  async #tick(signal: AbortSignal): Promise<void> {
    const { authorities, terms, clock } = this.#options;
    const all = authorities.all();
    const due = await terms.due(
      all.map(({ directory }) => directory),
      clock.now(),
    );
    for (const authority of all) {
      if (due.includes(authority.directory)) await this.#look(authority, signal);
    }
  }

  async #look(authority: Authority, signal: AbortSignal): Promise<void> {
    const { authorities, terms, clock, log } = this.#options;
    const { directory, name } = authority;
    const held = await authorities.questionsHeldUntil(authority);
    if (held !== undefined) return terms.lookLater(directory, clock.now(), held);
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
      using session = await authority.openWithoutAccount(limit);
      const { meta } = await session.directory();
      const now = clock.now();
      await terms.saw(directory, meta.termsOfService, now, new Date(now.getTime() + day));
    } catch (error) {
      if (signal.aborted) return;
      log.info({ authority: name, error: errorText(error) }, 'its terms were not seen');
      if (error instanceof AuthorityProblem) await authorities.toldToWait(authority, error);
      const now = clock.now();
      await terms.lookLater(directory, now, new Date(now.getTime() + afterErrorMs));
    }
  }
}
