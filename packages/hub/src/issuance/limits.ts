import { AuthorityProblem } from '@sixhub/acme';
import { formatDuration, type Clock } from '@sixhub/base';
import {
  chargesOfFailures,
  chargesOfOrder,
  countedAs,
  fitsAt,
  refillMs,
  type Charge,
} from '../domain/limits.js';
import { registeredDomain } from '../public-suffix/registered-domain.js';
import type { CountedAt, OrderStore } from '../store/orders.js';

/** An authority as far as its limits are concerned. */
interface Counted extends CountedAt {
  readonly name: string;
}

/** A limit that is used up: since when it is not, and a sentence about it. */
export interface UsedUp {
  readonly until: Date;
  readonly fact: string;
}

function costOf(names: readonly string[]): readonly Charge[] {
  const { order, certificates } = chargesOfOrder(names, registeredDomain);
  return [...order, ...certificates];
}

const newAccount: Charge = { kind: 'accounts', subject: '', tokens: 1 };

/** Counts what authorities limit. What is counted is durable, and nothing of it needs a question to the authority. */
export class Limits {
  readonly #orders: OrderStore;
  readonly #clock: Clock;

  constructor(orders: OrderStore, clock: Clock) {
    this.#orders = orders;
    this.#clock = clock;
  }

  /** Whether an order for these names has to wait; of several limits the one that is used up longest. */
  ofOrder(authority: Counted, names: readonly string[]): Promise<UsedUp | undefined> {
    return this.#usedUp(authority, [...costOf(names), ...chargesOfFailures(names)]);
  }

  /** Takes what an order for these names will cost; false where somebody else was faster. */
  takeOrder(authority: Counted, names: readonly string[]): Promise<boolean> {
    return this.#orders.take(authority, costOf(names), this.#clock.now());
  }

  /** It was taken for, and refused. */
  orderRefused(authority: Counted, names: readonly string[]): Promise<void> {
    return this.#orders.putBack(authority, costOf(names));
  }

  /** It was taken for, and is there; the authority may have answered with one that it has made, and we counted, before. */
  async orderMade(
    authority: Counted,
    order: { readonly url: string; readonly names: readonly string[] },
  ): Promise<void> {
    if (Object.keys(authority.rules.limits).length === 0) return;
    const isNew = await this.#orders.open(order, this.#clock.now());
    if (!isNew) await this.#orders.putBack(authority, costOf(order.names));
  }

  /** It was to be exempt as a replacement, and the authority did not take it for one. */
  async orderCountsAfterAll(
    authority: Counted,
    order: { readonly url: string; readonly names: readonly string[] },
  ): Promise<void> {
    await this.#orders.spend(authority, costOf(order.names), this.#clock.now());
    await this.orderMade(authority, order);
  }

  /** It is dead, or left for another authority's: certificates are counted, and there is none. */
  async orderCameToNothing(authority: Counted, url: string): Promise<void> {
    const names = await this.#orders.openNames(url);
    if (names === undefined) return;
    const { certificates } = chargesOfOrder(names, registeredDomain);
    await this.#orders.close(authority, url, certificates);
  }

  orderGaveCertificate(authority: Counted, url: string): Promise<void> {
    return this.#orders.close(authority, url, []);
  }

  /** One entry a validation. */
  validationsFailed(authority: Counted, names: readonly string[]): Promise<void> {
    return this.#orders.spend(authority, chargesOfFailures(names), this.#clock.now());
  }

  /** Throws where no account may be made yet. */
  async checkNewAccount(authority: Counted): Promise<void> {
    const usedUp = await this.#usedUp(authority, [newAccount]);
    if (usedUp === undefined) return;
    throw new AuthorityProblem({
      kind: 'rate-limited',
      authority: new URL(authority.directory).host,
      detail: usedUp.fact,
      retryAfterMs: usedUp.until.getTime() - this.#clock.now().getTime(),
    });
  }

  async accountMade(authority: Counted): Promise<void> {
    await this.#orders.forgetAccount(authority.directory);
    await this.#orders.spend(authority, [newAccount], this.#clock.now());
  }

  async #usedUp(
    { name, directory, rules }: Counted,
    charges: readonly Charge[],
  ): Promise<UsedUp | undefined> {
    const now = this.#clock.now();
    let last: UsedUp | undefined;
    for (const charge of charges) {
      const limit = rules.limits[charge.kind];
      if (limit === undefined) continue;
      const fullAt = await this.#orders.fullAt(directory, charge);
      const until = fitsAt(limit, charge.tokens, fullAt, now);
      if (until <= (last?.until ?? now)) continue;
      const within = formatDuration(limit.withinMs);
      const refill = formatDuration(refillMs(limit));
      const fact = `${name}: its limit of ${limit.count} ${countedAs(charge)} within ${within} is used up by the hub's own count, so it was not asked; one comes back every ${refill}, and the next try fits at ${until.toISOString()}`;
      last = { until, fact };
    }
    return last;
  }
}
