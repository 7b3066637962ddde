import type { Vault } from '../ports.js';
import type { Database } from './database.js';
import { sealedRow } from './sealed.js';

/** Secrets of the hub itself by name, each with its public part: the CA's key with its certificate. */
export interface SecretStore {
  find(name: string): Promise<{ readonly publicPart: string; readonly secret: string } | undefined>;
  create(name: string, publicPart: string, secret: string): Promise<void>;
  /** `next` takes the place of `name`, whose secret is gone, all at once. */
  succeed(name: string, next: string): Promise<void>;
  remove(name: string): Promise<void>;
}

export function secretStore(db: Database, vault: Vault): SecretStore {
  return {
    async find(name) {
      const row = await db
        .selectFrom('secrets')
        .selectAll()
        .where('name', '=', name)
        .executeTakeFirst();
      return (
        row && {
          publicPart: row.public_part,
          secret: vault.unseal(sealedRow.secret(name), row.sealed),
        }
      );
    },
    async create(name, publicPart, secret) {
      await db
        .insertInto('secrets')
        .values({
          name,
          public_part: publicPart,
          sealed: vault.seal(sealedRow.secret(name), secret),
        })
        .execute();
    },
    async succeed(name, next) {
      await db.transaction().execute(async (transaction) => {
        const row = await transaction
          .selectFrom('secrets')
          .selectAll()
          .where('name', '=', next)
          .executeTakeFirstOrThrow();
        const secret = vault.unseal(sealedRow.secret(next), row.sealed);
        const sealed = vault.seal(sealedRow.secret(name), secret);
        await transaction
          .updateTable('secrets')
          .set({ public_part: row.public_part, sealed })
          .where('name', '=', name)
          .execute();
        await transaction.deleteFrom('secrets').where('name', '=', next).execute();
      });
    },
    async remove(name) {
      await db.deleteFrom('secrets').where('name', '=', name).execute();
    },
  };
}
