import { z } from 'zod';
import type { DnsName } from '../domain/dns-name.js';
import type { Watch } from '../domain/watch.js';
import type { Page } from './page.js';
import type { Database } from './database.js';

/** A domain's account in the built-in acme-dns; the CNAME points at it for good. */
export interface Delegation {
  readonly domain: string;
  readonly subdomain: string;
  /** The CNAME's target. */
  readonly target: string;
}

export interface WatchedDelegation extends Delegation {
  /** Undefined while no certificate in use needs it. */
  readonly watch: Watch | undefined;
}

export interface DelegationStore {
  list(): Promise<readonly WatchedDelegation[]>;
  /** By domain. */
  page(
    state: Watch['state'] | undefined,
    page: Page<string>,
  ): Promise<readonly WatchedDelegation[]>;
  find(domain: DnsName): Promise<WatchedDelegation | undefined>;
  /** Returns the one that is kept: two issuances may meet a new domain at once, and the first wins. */
  create(delegation: Delegation, at: Date): Promise<WatchedDelegation>;
  /** Those to look at by `now`, longest due first; from an index. */
  dueLooks(now: Date, limit: number): Promise<readonly WatchedDelegation[]>;
  saveWatch(domain: string, watch: Watch): Promise<void>;
  /** A clock was put back: what was to be looked at later than a day from now is looked at now. */
  forgetFuture(now: Date): Promise<void>;
  /** Those that are gone, by their domain. */
  gone(): Promise<ReadonlyMap<string, Watch>>;
}

const time = z.iso.datetime().transform((text) => new Date(text));

const watchText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(
    z.object({
      state: z.enum(['there', 'doubted', 'gone']),
      since: time,
      seen: z.string(),
      lookAt: time,
      lookedAt: time.optional(),
      until: time,
      everyMs: z.number(),
    }),
  )
  // JSON leaves out what is undefined; the noun always has the key.
  .transform((read): Watch => ({ ...read, lookedAt: read.lookedAt }));

/** Every delegation in use is looked at once a day at least. */
const longestMs = 86_400_000;

interface Row extends Delegation {
  readonly watch: string | null;
}

export function delegationStore(db: Database): DelegationStore {
  const all = () => db.selectFrom('delegations').select(['domain', 'subdomain', 'target', 'watch']);
  return {
    async list() {
      return (await all().orderBy('domain').execute()).map(toDelegation);
    },
    async page(state, { after, limit }) {
      let query = all().orderBy('domain').limit(limit);
      if (after !== undefined) query = query.where('domain', '>', after);
      if (state !== undefined) query = query.where('state', '=', state);
      return (await query.execute()).map(toDelegation);
    },
    async find(domain) {
      const row = await all().where('domain', '=', domain).executeTakeFirst();
      return row && toDelegation(row);
    },
    async create({ domain, subdomain, target }, at) {
      await db
        .insertInto('delegations')
        .values({ domain, subdomain, target, created_at: at.toISOString() })
        .onConflict((conflict) => conflict.column('domain').doNothing())
        .execute();
      return toDelegation(await all().where('domain', '=', domain).executeTakeFirstOrThrow());
    },
    async dueLooks(now, limit) {
      const rows = await all()
        .where('look_at', 'is not', null)
        .where('look_at', '<=', now.toISOString())
        .orderBy('look_at')
        .limit(limit)
        .execute();
      return rows.map(toDelegation);
    },
    async saveWatch(domain, watch) {
      await db
        .updateTable('delegations')
        .set({
          watch: JSON.stringify(watch),
          look_at: watch.lookAt.toISOString(),
          gone: watch.state === 'gone' ? 1 : 0,
        })
        .where('domain', '=', domain)
        .execute();
    },
    async forgetFuture(now) {
      await db
        .updateTable('delegations')
        .set({ look_at: now.toISOString() })
        .where('look_at', '>', new Date(now.getTime() + longestMs).toISOString())
        .execute();
    },
    async gone() {
      const rows = (await all().where('state', '=', 'gone').execute()).map(toDelegation);
      return new Map(
        rows.flatMap(({ domain, watch }) => (watch === undefined ? [] : [[domain, watch]])),
      );
    },
  };
}

function toDelegation({ domain, subdomain, target, watch }: Row): WatchedDelegation {
  return {
    domain,
    subdomain,
    target,
    watch: watch === null ? undefined : watchText.parse(watch),
  };
}
