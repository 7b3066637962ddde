import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { Vault } from '../ports.js';
import type { Database } from './database.js';
import { thumbprintOf } from './public-key.js';
import type { Tables } from './schema.js';
import { sealedRow } from './sealed.js';

/** Our accounts at authorities, one a directory; keys are sealed. */
export interface AuthorityAccountStore {
  find(directory: string): Promise<StoredAccount | undefined>;
  /** An account that has a key and is not registered yet, in place of the one before. */
  create(directory: string, key: string, at: Date): Promise<void>;
  /** Undefined: to be registered anew with the same key. */
  setUrl(directory: string, url: string | undefined): Promise<void>;
  /** RFC 8555 §7.3.5: kept before the authority hears of it, so that no crash leaves an account without its key. */
  prepareKey(directory: string, nextKey: string): Promise<void>;
  /** The prepared key is the account's from now on. */
  adoptNextKey(directory: string, at: Date): Promise<void>;
  dropNextKey(directory: string): Promise<void>;
  markDeactivated(directory: string, at: Date): Promise<void>;
}

export interface StoredAccount {
  readonly key: string;
  /** Since when it is the key. */
  readonly keyAt: Date;
  readonly url: string | undefined;
  /** A change of key was begun: it is the account's key by now, or `key` still is. */
  readonly nextKey: string | undefined;
  readonly deactivatedAt: Date | undefined;
  /** Thumbprints of the keys before this one, newest first. */
  readonly formerKeys: readonly string[];
}

export function authorityAccountStore(db: Database, vault: Vault): AuthorityAccountStore {
  const toAccount = (row: Selectable<Tables['authority_accounts']>): StoredAccount => {
    const unseal = (sealed: Uint8Array): string =>
      vault.unseal(sealedRow.account(row.directory), sealed);
    return {
      key: unseal(row.sealed_key),
      keyAt: new Date(row.created_at),
      url: row.url ?? undefined,
      nextKey: row.sealed_next_key === null ? undefined : unseal(row.sealed_next_key),
      deactivatedAt: row.deactivated_at === null ? undefined : new Date(row.deactivated_at),
      formerKeys: z.array(z.string()).parse(JSON.parse(row.former_keys)),
    };
  };
  const change = async (
    directory: string,
    columns: Partial<Selectable<Tables['authority_accounts']>>,
  ): Promise<void> => {
    await db
      .updateTable('authority_accounts')
      .set(columns)
      .where('directory', '=', directory)
      .execute();
  };
  return {
    async find(directory) {
      const row = await db
        .selectFrom('authority_accounts')
        .selectAll()
        .where('directory', '=', directory)
        .executeTakeFirst();
      return row && toAccount(row);
    },
    async create(directory, key, at) {
      const content = {
        url: null,
        sealed_key: vault.seal(sealedRow.account(directory), key),
        sealed_next_key: null,
        deactivated_at: null,
        former_keys: '[]',
        created_at: at.toISOString(),
      };
      await db
        .insertInto('authority_accounts')
        .values({ directory, ...content })
        .onConflict((conflict) => conflict.column('directory').doUpdateSet(content))
        .execute();
    },
    setUrl: (directory, url) => change(directory, { url: url ?? null }),
    prepareKey: (directory, nextKey) =>
      change(directory, { sealed_next_key: vault.seal(sealedRow.account(directory), nextKey) }),
    async adoptNextKey(directory, at) {
      await db.transaction().execute(async (transaction) => {
        const row = await transaction
          .selectFrom('authority_accounts')
          .selectAll()
          .where('directory', '=', directory)
          .executeTakeFirst();
        if (row === undefined || row.sealed_next_key === null) return;
        const { key, formerKeys } = toAccount(row);
        await transaction
          .updateTable('authority_accounts')
          .set({
            sealed_key: row.sealed_next_key,
            sealed_next_key: null,
            former_keys: JSON.stringify([thumbprintOf(key), ...formerKeys]),
            created_at: at.toISOString(),
          })
          .where('directory', '=', directory)
          .execute();
      });
    },
    dropNextKey: (directory) => change(directory, { sealed_next_key: null }),
    markDeactivated: (directory, at) => change(directory, { deactivated_at: at.toISOString() }),
  };
}
