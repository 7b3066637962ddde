import { z } from 'zod';
import type { Selectable } from 'kysely';
import type { Database } from './database.js';
import type { Tables } from './schema.js';

/**
 * What a token may do: be scraped for metrics; also read status; also issue and renew. Who may have a certificate's key
 * (agents, grants, tokens) is decided at the administrator's socket alone, so that no token leads to a private key.
 */
export const tokenScope = z.enum(['metrics', 'read', 'write']);
export type TokenScope = z.infer<typeof tokenScope>;

export interface ApiToken {
  readonly name: string;
  readonly scope: TokenScope;
  readonly createdAt: Date;
  /** Undefined: until it is removed. */
  readonly expiresAt: Date | undefined;
  readonly lastUsedAt: Date | undefined;
}

/** Tokens of people and monitoring; only the SHA-256 of each is kept. */
export interface ApiTokenStore {
  list(): Promise<readonly ApiToken[]>;
  /** False where the name is taken. */
  create(token: {
    readonly name: string;
    readonly hash: string;
    readonly scope: TokenScope;
    readonly at: Date;
    readonly expiresAt: Date | undefined;
  }): Promise<boolean>;
  find(hash: string): Promise<ApiToken | undefined>;
  used(name: string, at: Date): Promise<void>;
  remove(name: string): Promise<boolean>;
}

export function apiTokenStore(db: Database): ApiTokenStore {
  return {
    async list() {
      return (await db.selectFrom('api_tokens').selectAll().orderBy('name').execute()).map(toToken);
    },
    async create({ name, hash, scope, at, expiresAt }) {
      const expires_at = expiresAt?.toISOString() ?? null;
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('api_tokens')
        .values({ name, hash, scope, created_at: at.toISOString(), expires_at })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirstOrThrow();
      return numInsertedOrUpdatedRows === 1n;
    },
    async find(hash) {
      const row = await db
        .selectFrom('api_tokens')
        .selectAll()
        .where('hash', '=', hash)
        .executeTakeFirst();
      return row && toToken(row);
    },
    async used(name, at) {
      await db
        .updateTable('api_tokens')
        .set({ last_used_at: at.toISOString() })
        .where('name', '=', name)
        .execute();
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

function toToken(row: Selectable<Tables['api_tokens']>): ApiToken {
  const time = (text: string | null): Date | undefined =>
    text === null ? undefined : new Date(text);
  return {
    name: row.name,
    scope: tokenScope.parse(row.scope),
    createdAt: new Date(row.created_at),
    expiresAt: time(row.expires_at),
    lastUsedAt: time(row.last_used_at),
  };
}
