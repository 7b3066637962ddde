import type { Vault } from '../ports.js';
import type { Database } from './database.js';

/** Our accounts at authorities, one a directory: key sealed, URL once registered. */
export interface AuthorityAccountStore {
  find(directory: string): Promise<{ readonly key: string; readonly url?: string } | undefined>;
  create(directory: string, key: string, at: Date): Promise<void>;
  setUrl(directory: string, url: string | undefined): Promise<void>;
}

const keyRow = (directory: string): string => `authority-account:${directory}`;

export function authorityAccountStore(db: Database, vault: Vault): AuthorityAccountStore {
  return {
    async find(directory) {
      const row = await db
        .selectFrom('authority_accounts')
        .selectAll()
        .where('directory', '=', directory)
        .executeTakeFirst();
      if (row === undefined) return undefined;
      const key = vault.unseal(keyRow(directory), row.sealed_key);
      return row.url === null ? { key } : { key, url: row.url };
    },
    async create(directory, key, at) {
      await db
        .insertInto('authority_accounts')
        .values({
          directory,
          url: null,
          sealed_key: vault.seal(keyRow(directory), key),
          created_at: at.toISOString(),
        })
        .execute();
    },
    async setUrl(directory, url) {
      await db
        .updateTable('authority_accounts')
        .set({ url: url ?? null })
        .where('directory', '=', directory)
        .execute();
    },
  };
}
