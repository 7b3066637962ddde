import type { Database } from './database.js';

/** Requests that were made with a key of the client's choice, so that the same one again is answered the same. */
export interface IdempotencyStore {
  /** Takes the key where it is free; otherwise what it was used for. */
  begin(use: KeyUse, at: Date): Promise<EarlierUse | undefined>;
  /** `answer` undefined: it is free again, as if it had not been used. */
  finish(use: KeyUse, answer: Answer | undefined): Promise<void>;
  /** Those that are older are free again. */
  forgetBefore(at: Date): Promise<void>;
  /** An earlier process ended in the middle of these: nobody will answer them. */
  forgetUnanswered(): Promise<void>;
}

export interface KeyUse {
  readonly actor: string;
  readonly key: string;
  /** SHA-256 of what was asked. */
  readonly request: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface EarlierUse {
  readonly request: string;
  /** Undefined while it is being worked on. */
  readonly answer: Answer | undefined;
}

export function idempotencyStore(db: Database): IdempotencyStore {
  return {
    async begin({ actor, key, request }, at) {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('idempotency_keys')
        .values({ actor, key, request, at: at.toISOString(), status: null, body: null })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows === 1n) return undefined;
      const row = await db
        .selectFrom('idempotency_keys')
        .select(['request', 'status', 'body'])
        .where('actor', '=', actor)
        .where('key', '=', key)
        .executeTakeFirstOrThrow();
      const { status, body } = row;
      return {
        request: row.request,
        answer: status === null || body === null ? undefined : { status, body },
      };
    },
    async finish({ actor, key }, answer) {
      if (answer === undefined) {
        await db
          .deleteFrom('idempotency_keys')
          .where('actor', '=', actor)
          .where('key', '=', key)
          .execute();
        return;
      }
      await db
        .updateTable('idempotency_keys')
        .set({ ...answer })
        .where('actor', '=', actor)
        .where('key', '=', key)
        .execute();
    },
    async forgetBefore(at) {
      await db.deleteFrom('idempotency_keys').where('at', '<', at.toISOString()).execute();
    },
    async forgetUnanswered() {
      await db.deleteFrom('idempotency_keys').where('status', 'is', null).execute();
    },
  };
}
