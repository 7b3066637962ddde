import type { OrderLimit } from '../domain/order-limits.js';
import { registeredDomains } from '../public-suffix/registered-domain.js';
import type { Database } from './database.js';

/** Orders made, as far as limits count them. */
export interface OrderStore {
  add(directory: string, names: readonly string[], at: Date): Promise<void>;
  /** When the `limit.count`-th newest order was made that the limit counts for `names`; each from an index. */
  nthNewest(
    directory: string,
    limit: OrderLimit,
    names: readonly string[],
  ): Promise<Date | undefined>;
}

/** No limit that we know looks back further. */
const keptMs = 8 * 86_400_000;

export function orderStore(db: Database): OrderStore {
  return {
    async add(directory, names, at) {
      const made = at.toISOString();
      await db.transaction().execute(async (transaction) => {
        await transaction
          .deleteFrom('orders')
          .where('directory', '=', directory)
          .where('at', '<', new Date(at.getTime() - keptMs).toISOString())
          .execute();
        const { id } = await transaction
          .insertInto('orders')
          .values({ directory, names: joined(names), at: made })
          .returning('id')
          .executeTakeFirstOrThrow();
        await transaction
          .insertInto('order_domains')
          .values(
            registeredDomains(names).map((domain) => ({
              order_id: id,
              directory,
              domain,
              at: made,
            })),
          )
          .execute();
      });
    },
    async nthNewest(directory, limit, names) {
      const offset = limit.count - 1;
      if (limit.per === 'registered-domain') {
        const times = await Promise.all(
          registeredDomains(names).map((domain) =>
            db
              .selectFrom('order_domains')
              .select('at')
              .where('directory', '=', directory)
              .where('domain', '=', domain)
              .orderBy('at', 'desc')
              .limit(1)
              .offset(offset)
              .executeTakeFirst(),
          ),
        );
        return newest(times.flatMap((row) => (row === undefined ? [] : [row.at])));
      }
      const mine = db.selectFrom('orders').select('at').where('directory', '=', directory);
      const row = await (limit.per === 'account' ? mine : mine.where('names', '=', joined(names)))
        .orderBy('at', 'desc')
        .limit(1)
        .offset(offset)
        .executeTakeFirst();
      return row && new Date(row.at);
    },
  };
}

function joined(names: readonly string[]): string {
  return names.toSorted().join(' ');
}

function newest(times: readonly string[]): Date | undefined {
  const last = times.toSorted().at(-1);
  return last === undefined ? undefined : new Date(last);
}
