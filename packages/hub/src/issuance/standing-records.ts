import { AuthorityProblem } from '@sixhub/acme';
import type { Clock } from '@sixhub/base';
import type { DnsName } from '../domain/dns-name.js';
import type { Issuance, Step, WantedText } from '../domain/issuance.js';
import { wantsWildcard } from '../domain/persist.js';
import type { Authority, CaaLookup, Log } from '../ports.js';
import type { Store } from '../store/store.js';
import type { Authorities } from './authorities.js';
import type { Limits } from './limits.js';
import { knownOrder, newOrder } from './order.js';
import { wantedText, type Persistence } from './persistence.js';

export interface StandingContext {
  readonly store: Store;
  readonly authorities: Authorities;
  readonly caa: CaaLookup;
  readonly persistence: Persistence;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  tell(step: Step): Promise<void>;
}

/**
 * Which domains of an issuance need no CNAME, since a standing record proves them at the authority that is next. Only
 * a challenge, or the directory, says what that record is; where neither has been seen yet, the order is made early.
 */
export class StandingRecords {
  readonly #issuance: Issuance;
  readonly #context: StandingContext;
  /** They have answered, and are not asked for their offer again. */
  readonly #asked = new Set<string>();
  #told = '';

  constructor(issuance: Issuance, context: StandingContext) {
    this.#issuance = issuance;
    this.#context = context;
  }

  /** Tells what it found whenever that changes. An authority in trouble is held, and the next one looked at. */
  async covered(domains: readonly DnsName[]): Promise<ReadonlySet<DnsName>> {
    const authority = await this.#next();
    if (authority === undefined) return new Set();
    const { authorities, clock, log } = this.#context;
    const triedAt = clock.now();
    try {
      return await this.#coveredAt(authority, domains);
    } catch (error) {
      if (!(error instanceof AuthorityProblem)) throw error;
      log.warn({ authority: authority.name, problem: error.detail }, 'no standing record is known');
      await authorities.failed(authority, this.#issuance, error, triedAt);
      return new Set();
    }
  }

  async #coveredAt(
    authority: Authority,
    domains: readonly DnsName[],
  ): Promise<ReadonlySet<DnsName>> {
    const { persistence, signal, tell } = this.#context;
    if ((await this.#learn(authority)) === 'nothing-to-prove') return new Set(domains);
    const found: DnsName[] = [];
    const wanted: WantedText[] = [];
    for (const domain of domains) {
      const wildcard = wantsWildcard(this.#issuance.names, domain);
      const record = await persistence.record(authority, domain, wildcard, signal);
      if (record === undefined) return new Set();
      const verdict = await persistence.judge(authority, record, signal);
      if (verdict.kind === 'ready') found.push(domain);
      else wanted.push(wantedText(record, verdict));
    }
    const { name } = authority;
    const seen = JSON.stringify([name, found, wanted]);
    if (seen === this.#told) return new Set(found);
    this.#told = seen;
    if (wanted.length > 0) await tell({ kind: 'persist-wanted', authority: name, records: wanted });
    if (found.length > 0) await tell({ kind: 'persist-found', authority: name, domains: found });
    return new Set(found);
  }

  async #next(): Promise<Authority | undefined> {
    const { authorities, store } = this.#context;
    if (!authorities.all().some(({ dnsPersist }) => dnsPersist)) return undefined;
    const { certificate, names, authority, orderUrl } =
      (await store.issuances.find(this.#issuance.id)) ?? this.#issuance;
    const choice = await authorities.choose(
      { certificate, names },
      orderUrl === undefined ? undefined : authority,
    );
    return choice.kind === 'ask' && choice.authority.dnsPersist ? choice.authority : undefined;
  }

  async #learn(authority: Authority): Promise<'learned' | 'nothing-to-prove'> {
    const { caa, persistence, signal, store, limits, tell } = this.#context;
    const { directory, name } = authority;
    const isKnown = async (): Promise<boolean> =>
      (await store.persistOffers.find(directory)) !== undefined;
    if (this.#asked.has(name) || (await isKnown())) return 'learned';
    using session = await authority.open(signal);
    const document = await session.directory();
    await persistence.learnFromDirectory(authority, document);
    if (await isKnown()) return 'learned';
    const issuance = await this.#issuanceAt(name);
    const { certificates, issuances } = store;
    const context = { certificates, issuances, limits, authority, caa, signal, tell };
    const order =
      (await knownOrder(issuance, false, session, context)) ??
      (await newOrder(issuance, session, context));
    this.#asked.add(name);
    if (order.status !== 'pending') return 'nothing-to-prove';
    for (const authorization of await session.authorizations(order)) {
      await persistence.learn(authority, authorization, document);
    }
    return 'learned';
  }

  /** As it is now; an order belongs to who made it, and at another authority there is none yet. */
  async #issuanceAt(authority: string): Promise<Issuance> {
    const { issuances } = this.#context.store;
    const issuance = (await issuances.find(this.#issuance.id)) ?? this.#issuance;
    if (issuance.authority === authority) return issuance;
    const moved = { authority, orderUrl: undefined };
    await issuances.update(issuance.id, moved);
    return { ...issuance, ...moved };
  }
}
