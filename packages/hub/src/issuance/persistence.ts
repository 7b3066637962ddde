import { createHash } from 'node:crypto';
import type { Authorization, Challenge, Directory } from '@sixhub/acme';
import type { Clock } from '@sixhub/base';
import type { DnsName } from '../domain/dns-name.js';
import type { WantedText } from '../domain/issuance.js';
import {
  judgePersist,
  persistName,
  persistOffer,
  persistValue,
  type PersistOffer,
  type PersistRecord,
  type PersistVerdict,
} from '../domain/persist.js';
import type { AccountIdentity, Authority, SeenTexts, TextLookup } from '../ports.js';
import type { PersistOfferStore } from '../store/persist-offers.js';

export interface PersistenceOptions {
  readonly offers: PersistOfferStore;
  readonly lookup: TextLookup;
  readonly clock: Clock;
}

/** Standing records for dns-persist-01: what they must be, whether they are there, and which were refused. */
export class Persistence {
  readonly #options: PersistenceOptions;
  /** What stood there when an authority did not take it; forgotten with the process, which costs one more try. */
  readonly #refused = new Map<string, string>();

  constructor(options: PersistenceOptions) {
    this.#options = options;
  }

  /** The record that a domain needs at an authority, by what that offered last; undefined where it never did. */
  async record(
    authority: Authority,
    domain: DnsName,
    wildcard: boolean,
    signal: AbortSignal,
  ): Promise<PersistRecord | undefined> {
    const offer = await this.#options.offers.find(authority.directory);
    if (offer === undefined) return undefined;
    const account = await authority.account.identity(signal);
    return { domain, offer, wildcard, accountUris: accountUris(offer, domain, account) };
  }

  /** §3.1: remembers what a challenge offers; returns it where it is one of dns-persist-01. */
  async learn(
    { directory }: Authority,
    { challenges }: Authorization,
    { meta }: Directory,
  ): Promise<Challenge | undefined> {
    const challenge = challenges.find(({ type }) => type === 'dns-persist-01');
    const issuers = challenge?.issuerDomainNames ?? challenge?.['issuer-domain-names'];
    const offer = persistOffer(issuers, meta.accountHashPrefix);
    if (offer === undefined) return undefined;
    await this.#options.offers.save(directory, offer);
    return challenge;
  }

  /** §3.2: the directory may say it before any order. */
  async learnFromDirectory({ directory }: Authority, { meta }: Directory): Promise<void> {
    const offer = persistOffer(meta.issuerDomainNames, meta.accountHashPrefix);
    if (offer !== undefined) await this.#options.offers.save(directory, offer);
  }

  async judge(
    { directory }: Authority,
    record: PersistRecord,
    signal: AbortSignal,
  ): Promise<PersistVerdict> {
    const { lookup, clock } = this.#options;
    const seen = await lookup.texts(persistName(record.domain), signal);
    if (seen.kind === 'untested') {
      return {
        kind: 'wanted',
        seen: `it could not be looked up: ${seen.reason}`,
        found: undefined,
      };
    }
    if (this.#refused.get(`${directory} ${record.domain}`) === asOne(seen)) {
      const [found] = seen.texts;
      return { kind: 'wanted', seen: 'the authority did not take what is there', found };
    }
    return judgePersist(record, seen.texts, clock.now());
  }

  /** The authority saw it otherwise than we: not tried again until something else stands there. */
  async refused({ directory }: Authority, domain: DnsName, signal: AbortSignal): Promise<void> {
    const seen = await this.#options.lookup.texts(persistName(domain), signal);
    this.#refused.set(`${directory} ${domain}`, asOne(seen));
  }
}

export function wantedText(
  record: PersistRecord,
  { seen, found }: Extract<PersistVerdict, { kind: 'wanted' }>,
): WantedText {
  const { domain } = record;
  return { domain, name: persistName(domain), value: persistValue(record), seen, found };
}

function asOne(seen: SeenTexts): string {
  return seen.kind === 'texts' ? JSON.stringify(seen.texts.toSorted()) : '';
}

/** §4.1: with a prefix the account is named by hashes, of its present key and, for records from before, of older ones. */
function accountUris(
  { hashPrefix }: PersistOffer,
  domain: DnsName,
  { url, thumbprints }: AccountIdentity,
): readonly [string, ...string[]] {
  if (hashPrefix === undefined) return [url];
  const hashed = thumbprints.flatMap((key) =>
    // `*` stands for whatever domain.
    [domain, '*'].map((name) => {
      const digest = createHash('sha256')
        .update(Buffer.from([name.length]))
        .update(`${name}${key}${url}`)
        .digest('base64url');
      return `${hashPrefix}sha-256/${digest}`;
    }),
  );
  const [first = url, ...rest] = hashed;
  return [first, ...rest];
}
