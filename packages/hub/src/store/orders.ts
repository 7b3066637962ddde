import {
  fitsAt,
  fullAfter,
  fullAfterReturn,
  type AuthorityRules,
  type Charge,
  type Limit,
} from '../domain/limits.js';
import type { Database } from './database.js';
import { readNames } from './read-columns.js';

/** What the limits of authorities count, a bucket a row, and the orders whose certificates they count in advance. */
export interface OrderStore {
  /** When the charge's bucket is full again; undefined where it is. */
  fullAt(directory: string, charge: Charge): Promise<Date | undefined>;
  /** Takes tokens; charges that the authority has no limit for cost nothing. */
  spend(at: CountedAt, charges: readonly Charge[], now: Date): Promise<void>;
  /**
   * The same, unless one of the buckets has too little: false then, and nothing is taken. In one transaction: of two
   * that want the last token one gets it.
   */
  take(at: CountedAt, charges: readonly Charge[], now: Date): Promise<boolean>;
  putBack(at: CountedAt, charges: readonly Charge[]): Promise<void>;
  /** An order that something was taken for; false where it is known already. */
  open(order: CountedOrder, now: Date): Promise<boolean>;
  /** The names of an order that was counted and is open. */
  openNames(url: string): Promise<readonly string[] | undefined>;
  /** It ended; `unused` is put back. */
  close(at: CountedAt, url: string, unused: readonly Charge[]): Promise<void>;
  /** A new account begins with full buckets of its own. */
  forgetAccount(directory: string): Promise<void>;
  /** A clock was put back: when something was taken in what is now the future nobody knows any more. */
  forgetFuture(now: Date): Promise<void>;
}

export interface CountedAt {
  readonly directory: string;
  readonly rules: AuthorityRules;
}

interface CountedOrder {
  readonly url: string;
  readonly names: readonly string[];
}

/** No authority keeps an order open so long. */
const keptMs = 60 * 86_400_000;

export function orderStore(db: Database): OrderStore {
  const bucketOf = (
    on: Database,
    directory: string,
    { kind, subject }: Charge,
  ): Promise<Date | undefined> =>
    on
      .selectFrom('limit_buckets')
      .select('full_at')
      .where('directory', '=', directory)
      .where('kind', '=', kind)
      .where('subject', '=', subject)
      .executeTakeFirst()
      .then((row) => row && new Date(row.full_at));

  const setBucket = async (
    on: Database,
    directory: string,
    { kind, subject }: Charge,
    fullAt: Date,
    /** When something was taken; undefined where it was put back. */
    takenAt?: Date,
  ): Promise<void> => {
    const content = {
      full_at: fullAt.toISOString(),
      ...(takenAt === undefined ? {} : { taken_at: takenAt.toISOString() }),
    };
    await on
      .insertInto('limit_buckets')
      .values({ directory, kind, subject, ...content })
      .onConflict((conflict) =>
        conflict.columns(['directory', 'kind', 'subject']).doUpdateSet(content),
      )
      .execute();
  };

  const limited = ({ rules }: CountedAt, charges: readonly Charge[]) =>
    charges.flatMap((charge): readonly { charge: Charge; limit: Limit }[] => {
      const limit = rules.limits[charge.kind];
      return limit === undefined ? [] : [{ charge, limit }];
    });

  const spend = async (
    on: Database,
    at: CountedAt,
    charges: readonly Charge[],
    now: Date,
  ): Promise<void> => {
    await on.deleteFrom('limit_buckets').where('full_at', '<=', now.toISOString()).execute();
    for (const { charge, limit } of limited(at, charges)) {
      const fullAt = await bucketOf(on, at.directory, charge);
      const after = fullAfter(limit, charge.tokens, fullAt, now);
      await setBucket(on, at.directory, charge, after, now);
    }
  };

  const putBack = async (
    on: Database,
    at: CountedAt,
    charges: readonly Charge[],
  ): Promise<void> => {
    for (const { charge, limit } of limited(at, charges)) {
      const fullAt = await bucketOf(on, at.directory, charge);
      if (fullAt === undefined) continue; // it is full by now
      await setBucket(on, at.directory, charge, fullAfterReturn(limit, charge.tokens, fullAt));
    }
  };

  return {
    fullAt: (directory, charge) => bucketOf(db, directory, charge),
    async spend(at, charges, now) {
      if (limited(at, charges).length === 0) return;
      await db.transaction().execute((transaction) => spend(transaction, at, charges, now));
    },
    async take(at, charges, now) {
      const wanted = limited(at, charges);
      if (wanted.length === 0) return true;
      return db.transaction().execute(async (transaction) => {
        for (const { charge, limit } of wanted) {
          const fullAt = await bucketOf(transaction, at.directory, charge);
          if (fitsAt(limit, charge.tokens, fullAt, now) > now) return false;
        }
        await spend(transaction, at, charges, now);
        return true;
      });
    },
    async putBack(at, charges) {
      if (limited(at, charges).length === 0) return;
      await db.transaction().execute((transaction) => putBack(transaction, at, charges));
    },
    async open({ url, names }, now) {
      return db.transaction().execute(async (transaction) => {
        const old = new Date(now.getTime() - keptMs).toISOString();
        await transaction.deleteFrom('open_orders').where('at', '<', old).execute();
        const { numInsertedOrUpdatedRows } = await transaction
          .insertInto('open_orders')
          .values({ url, names: JSON.stringify(names), at: now.toISOString() })
          .onConflict((conflict) => conflict.column('url').doNothing())
          .executeTakeFirstOrThrow();
        return numInsertedOrUpdatedRows !== 0n;
      });
    },
    async openNames(url) {
      const row = await db
        .selectFrom('open_orders')
        .select('names')
        .where('url', '=', url)
        .executeTakeFirst();
      return row && readNames(row.names);
    },
    async close(at, url, unused) {
      if (Object.keys(at.rules.limits).length === 0) return;
      await db.transaction().execute(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom('open_orders')
          .where('url', '=', url)
          .executeTakeFirstOrThrow();
        if (numDeletedRows === 0n) return; // it was not counted, or is not counted any more
        await putBack(transaction, at, unused);
      });
    },
    async forgetFuture(now) {
      await db.deleteFrom('limit_buckets').where('taken_at', '>', now.toISOString()).execute();
    },
    async forgetAccount(directory) {
      await db
        .deleteFrom('limit_buckets')
        .where('directory', '=', directory)
        .where('kind', 'in', ['orders', 'failures'])
        .execute();
    },
  };
}
