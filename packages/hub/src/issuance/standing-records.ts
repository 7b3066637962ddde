import { AuthorityProblem } from '@sixhub/acme';
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
  #asked: string | undefined;
  #told = '';

  constructor(issuance: Issuance, context: StandingContext) {
    this.#issuance = issuance;
    this.#context = context;
  }

  /** Tells what it found whenever that changes. */
  async covered(domains: readonly DnsName[]): Promise<ReadonlySet<DnsName>> {
    const authority = await this.#next();
    if (authority === undefined) return new Set();
    if ((await this.#learn(authority)) === 'nothing-to-prove') return new Set(domains);
    const { persistence, signal, tell } = this.#context;
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
    const seen = JSON.stringify([found, wanted]);
    if (seen !== this.#told) {
      const { name } = authority;
      if (wanted.length > 0)
        await tell({ kind: 'persist-wanted', authority: name, records: wanted });
      if (found.length > 0) await tell({ kind: 'persist-found', authority: name, domains: found });
    }
    this.#told = seen;
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

  /** Once; an authority in trouble is left to the order's own course, which goes by the CNAME. */
  async #learn(authority: Authority): Promise<'known' | 'nothing-to-prove'> {
    const { authorities, caa, log, persistence, signal, store, limits, tell } = this.#context;
    const known = await store.persistOffers.find(authority.directory);
    if (known !== undefined || this.#asked === authority.name) return 'known';
    this.#asked = authority.name;
    try {
      using session = await authority.open(signal);
      const directory = await session.directory();
      await persistence.learnFromDirectory(authority, directory);
      if ((await store.persistOffers.find(authority.directory)) !== undefined) return 'known';
      const issuance = (await store.issuances.find(this.#issuance.id)) ?? this.#issuance;
      const { certificates, issuances } = store;
      const context = { certificates, issuances, limits, authority, caa, signal, tell };
      const order =
        (await knownOrder(issuance, false, session, context)) ??
        (await newOrder(issuance, session, context));
      if (order.status !== 'pending') return 'nothing-to-prove';
      for (const authorization of await session.authorizations(order)) {
        await persistence.learn(authority, authorization, directory);
      }
    } catch (error) {
      if (!(error instanceof AuthorityProblem)) throw error;
      log.warn({ authority: authority.name, problem: error.detail }, 'no standing record is known');
      await authorities.toldToWait(authority, error);
    }
    return 'known';
  }
}
