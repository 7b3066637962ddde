import type { DnsName } from '../domain/dns-name.js';
import type { Database } from './database.js';

/** A domain's account in the built-in acme-dns; the CNAME points at it for good. */
export interface Delegation {
  readonly domain: string;
  readonly subdomain: string;
  /** The CNAME's target. */
  readonly target: string;
}

export interface DelegationStore {
  list(): Promise<readonly Delegation[]>;
  find(domain: DnsName): Promise<Delegation | undefined>;
  /** Returns the one that is kept: two issuances may meet a new domain at once, and the first wins. */
  create(delegation: Delegation, at: Date): Promise<Delegation>;
}

export function delegationStore(db: Database): DelegationStore {
  const all = () => db.selectFrom('delegations').select(['domain', 'subdomain', 'target']);
  return {
    list: () => all().orderBy('domain').execute(),
    find: (domain) => all().where('domain', '=', domain).executeTakeFirst(),
    async create(delegation, at) {
      await db
        .insertInto('delegations')
        .values({ ...delegation, created_at: at.toISOString() })
        .onConflict((conflict) => conflict.column('domain').doNothing())
        .execute();
      return all().where('domain', '=', delegation.domain).executeTakeFirstOrThrow();
    },
  };
}
