import { z } from 'zod';
import type { Database } from './database.js';

/**
 * What a token may do: read status; also issue and renew. Who may have a certificate's key (agents, grants, tokens)
 * is decided at the administrator's socket alone, so that no token leads to a private key.
 */
export const tokenScope = z.enum(['read', 'write']);
export type TokenScope = z.infer<typeof tokenScope>;

/** Tokens of people and monitoring; only the SHA-256 of each is kept. */
export interface ApiTokenStore {
  list(): Promise<readonly { name: string; scope: TokenScope; createdAt: Date }[]>;
  /** False where the name is taken. */
  create(token: { name: string; hash: string; scope: TokenScope; at: Date }): Promise<boolean>;
  find(hash: string): Promise<{ name: string; scope: TokenScope } | undefined>;
  remove(name: string): Promise<boolean>;
}

export function apiTokenStore(db: Database): ApiTokenStore {
  return {
    async list() {
      const rows = await db.selectFrom('api_tokens').selectAll().orderBy('name').execute();
      return rows.map(({ name, scope, created_at }) => ({
        name,
        scope: tokenScope.parse(scope),
        createdAt: new Date(created_at),
      }));
    },
    async create({ name, hash, scope, at }) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('api_tokens')
        .values({ name, hash, scope, created_at: at.toISOString() })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },
    async find(hash) {
      const row = await db
        .selectFrom('api_tokens')
        .select(['name', 'scope'])
        .where('hash', '=', hash)
        .executeTakeFirst();
      return row && { name: row.name, scope: tokenScope.parse(row.scope) };
    },
    async remove(name) {
      const { numDeletedRows } = await db
        .deleteFrom('api_tokens')
        .where('name', '=', name)
        .executeTakeFirstOrThrow();
      return numDeletedRows === 1n;
    },
  };
}
