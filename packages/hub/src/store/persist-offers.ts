import { z } from 'zod';
import type { PersistOffer } from '../domain/persist.js';
import type { Database } from './database.js';

/** What each authority offered last for dns-persist-01, so that its record is known before the next order. */
export interface PersistOfferStore {
  find(directory: string): Promise<PersistOffer | undefined>;
  save(directory: string, offer: PersistOffer): Promise<void>;
}

const names = z.array(z.string());

export function persistOfferStore(db: Database): PersistOfferStore {
  return {
    async find(directory) {
      const row = await db
        .selectFrom('persist_offers')
        .selectAll()
        .where('directory', '=', directory)
        .executeTakeFirst();
      return (
        row && {
          issuers: names.parse(JSON.parse(row.issuers)),
          hashPrefix: row.hash_prefix ?? undefined,
        }
      );
    },
    async save(directory, { issuers, hashPrefix }) {
      const content = { issuers: JSON.stringify(issuers), hash_prefix: hashPrefix ?? null };
      await db
        .insertInto('persist_offers')
        .values({ directory, ...content })
        .onConflict((conflict) => conflict.column('directory').doUpdateSet(content))
        .execute();
    },
  };
}
