import { AuthorityProblem, renewalInfoId, type ProblemKind } from '@sixhub/acme';
import type { Clock } from '@sixhub/base';
import type { CertificateName } from '@sixhub/protocol';
import { failuresInRow, isAboutAuthority, isInForce, type Hold } from '../domain/hold.js';
import { longestPauseMs } from '../domain/renewal.js';
import { Refusal } from '../domain/refusal.js';
import { planRetry } from '../domain/retry.js';
import type { Authority } from '../ports.js';
import { registeredDomains } from '../public-suffix/registered-domain.js';
import type { Store } from '../store/store.js';
import { Limits } from './limits.js';

/** What an order is wanted for. */
export interface OrderWish {
  readonly certificate: CertificateName;
  readonly names: readonly string[];
}

export type Choice =
  | { readonly kind: 'ask'; readonly authority: Authority }
  /** No authority may be asked before `until`; `authority` is the first that may be then. */
  | {
      readonly kind: 'wait';
      readonly authority: Authority;
      readonly until: Date;
      readonly ordered: boolean;
      readonly problem: ProblemKind;
      readonly fact: string;
    };

type Wait = Extract<Choice, { kind: 'wait' }>;

/** A person has to change something; it is looked again this often whether that was done. */
const untilPersonMs = 86_400_000;

/**
 * The authorities of hub.toml in their order. The first that may be asked is asked: one that was in trouble is
 * returned to as soon as its time is over, since nothing remembers who was taken in its place.
 */
export class Authorities {
  readonly #list: readonly Authority[];
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #limits: Limits;

  constructor(list: readonly Authority[], store: Store, clock: Clock) {
    this.#list = list;
    this.#store = store;
    this.#clock = clock;
    this.#limits = new Limits(store.orders, clock);
  }

  get alone(): boolean {
    return this.#list.length === 1;
  }

  named(name: string): Authority | undefined {
    return this.#list.find((authority) => authority.name === name);
  }

  all(): readonly Authority[] {
    return this.#list;
  }

  first(): Authority {
    const [first] = this.#list;
    if (first === undefined) throw new Error('hub.toml names no authority'); // its schema asks for one
    return first;
  }

  /** `ordered`: at whom an order stands already, which costs no new one. */
  async choose(wish: OrderWish, ordered?: string): Promise<Choice> {
    const waits: Wait[] = [];
    for (const authority of this.#list) {
      const wait = await this.#wait(authority, wish, authority.name === ordered);
      if (wait === undefined) return { kind: 'ask', authority };
      waits.push(wait);
    }
    const [soonest] = waits.toSorted((one, other) => one.until.getTime() - other.until.getTime());
    return soonest ?? { kind: 'ask', authority: this.first() };
  }

  async #wait(authority: Authority, wish: OrderWish, hasOrder: boolean): Promise<Wait | undefined> {
    const now = this.#clock.now();
    const holds = await this.#store.holds.of(authority.directory, wish.certificate);
    const [last] = holds
      .filter((hold) => isInForce(hold, now))
      .toSorted((one, other) => other.until.getTime() - one.until.getTime());
    const limited = hasOrder ? undefined : await this.#limited(authority, wish);
    if (last === undefined || (limited !== undefined && limited.until > last.until)) return limited;
    const { until, ordered, kind: problem, fact } = last;
    return { kind: 'wait', authority, until, ordered, problem, fact };
  }

  /** Counted here, before the authority has to. */
  async #limited(
    authority: Authority,
    { certificate, names }: OrderWish,
  ): Promise<Wait | undefined> {
    if (authority.rules.replacementsAreFree) {
      const version = await this.#store.certificates.newest(certificate);
      if (version?.authority === authority.name && renewalInfoId(version.leaf) !== undefined) {
        return undefined;
      }
    }
    const usedUp = await this.#limits.ofOrder(authority, names);
    if (usedUp === undefined) return undefined;
    return { kind: 'wait', authority, ...usedUp, ordered: true, problem: 'rate-limited' };
  }

  /** Remembers a failure; returns how the problem reads, and when this authority may be asked again for this. */
  async failed(
    authority: Authority,
    { certificate, names }: OrderWish,
    { kind, detail, retryAfterMs }: AuthorityProblem,
    triedAt: Date,
  ): Promise<Hold> {
    const now = this.#clock.now();
    const holder = isAboutAuthority(kind, detail, registeredDomains(names))
      ? undefined
      : certificate;
    const holds = await this.#store.holds.of(authority.directory, certificate);
    const before = holds.find((hold) => hold.certificate === holder);
    const failures = failuresInRow(before, triedAt);
    const version = await this.#store.certificates.newest(certificate);
    const longestMs = version === undefined ? Infinity : longestPauseMs(version);
    const untilPerson = Math.max(Math.min(untilPersonMs, longestMs), retryAfterMs ?? 0);
    const { afterMs = untilPerson } = planRetry(kind, failures, retryAfterMs, longestMs);
    const hold: Hold = {
      directory: authority.directory,
      certificate: holder,
      since: now,
      until: new Date(now.getTime() + afterMs),
      failures,
      ordered: retryAfterMs !== undefined,
      kind,
      fact: `${authority.name}: ${detail}`,
    };
    // Of several that failed together the longest wait counts; one without Retry-After must not end one with.
    if (before === undefined || !isInForce(before, now) || before.until <= hold.until)
      await this.#store.holds.save(hold);
    return hold;
  }

  /**
   * Until when it is asked nothing that can wait: renewal information, terms, the time. Trouble with renewal
   * information alone is no reason to order nothing there. Undefined: it may be asked.
   */
  async questionsHeldUntil(authority: Authority): Promise<Date | undefined> {
    const holds = await this.#heldQuestions(authority);
    const [last] = holds.map(({ until }) => until).toSorted((one, other) => +other - +one);
    return last;
  }

  /** Not while it wants to be left alone; but a clock that was wrong may have been set right. */
  async mayBeAskedTheTime(authority: Authority): Promise<boolean> {
    const holds = await this.#heldQuestions(authority);
    return holds.every(({ kind }) => kind === 'wrong-clock');
  }

  async #heldQuestions({ directory }: Authority): Promise<readonly Hold[]> {
    const { holds } = this.#store;
    const all = [await holds.ofAuthority(directory), await holds.ofRenewalInfo(directory)];
    const now = this.#clock.now();
    return all.flatMap((hold) => (hold !== undefined && isInForce(hold, now) ? [hold] : []));
  }

  /** It said when it wants to be asked again, whatever it was asked for. */
  async toldToWait(authority: Authority, problem: AuthorityProblem): Promise<void> {
    const { holds } = this.#store;
    const hold = this.#ordered(authority, problem, await holds.ofAuthority(authority.directory));
    if (hold !== undefined) await holds.save(hold);
  }

  /** What a person asks of it beside an order: not while it wants to be left alone, and what it then says is kept. */
  async ask<T>(authority: Authority, work: () => Promise<T>): Promise<T> {
    const hold = await this.#store.holds.ofAuthority(authority.directory);
    if (hold !== undefined && hold.ordered && isInForce(hold, this.#clock.now())) {
      throw new Refusal(
        'conflict',
        'told-to-wait',
        `${authority.name} is not asked before ${hold.until.toISOString()}, as it said itself: ${hold.fact}`,
        'Ask again then: earlier only prolongs it.',
      );
    }
    try {
      return await work();
    } catch (error) {
      if (error instanceof AuthorityProblem) await this.toldToWait(authority, error);
      throw error;
    }
  }

  /** It said when it wants to be asked for renewal information again. */
  async toldToAskLater(authority: Authority, problem: AuthorityProblem): Promise<void> {
    const { holds } = this.#store;
    const hold = this.#ordered(authority, problem, await holds.ofRenewalInfo(authority.directory));
    if (hold !== undefined) await holds.saveOfRenewalInfo(hold);
  }

  /** Undefined where it named no time, or `before` lasts longer. */
  #ordered(
    { directory, name }: Authority,
    { kind, detail, retryAfterMs }: AuthorityProblem,
    before: Hold | undefined,
  ): Hold | undefined {
    if (retryAfterMs === undefined) return undefined;
    const since = this.#clock.now();
    const until = new Date(since.getTime() + retryAfterMs);
    if (before !== undefined && isInForce(before, since) && before.until > until) return undefined;
    return {
      ...{ directory, certificate: undefined, since, until, kind, ordered: true },
      failures: before?.failures ?? 1,
      fact: `${name}: ${detail}`,
    };
  }

  /** It answered well what was begun at `triedAt`, and is asked first again. */
  succeeded(authority: Authority, certificate: CertificateName, triedAt: Date): Promise<void> {
    const { directory } = authority;
    return this.#store.holds.clear(directory, certificate, triedAt, this.#clock.now());
  }

  hurry(certificate: CertificateName): Promise<void> {
    return this.#store.holds.hurry(certificate, this.#clock.now());
  }
}
