import type { Database } from './database.js';

/** What happened, in the order in which it was stored; see migration 010 for who writes it. */
export interface HubEvent {
  readonly seq: number;
  readonly at: string;
  /** `issuance.ordered`, `version.stored`, `deployment.reported`, `delegation.gone`, `agent.silent` … */
  readonly kind: string;
  /** The certificate's, domain's or agent's name. */
  readonly object: string;
  /** A JSON document. */
  readonly detail: string;
}

export interface EventFilter {
  /** Or its beginning before a dot: `version` for `version.stored` and the like. */
  readonly kind: string | undefined;
  readonly object: string | undefined;
}

export interface EventStore {
  after(seq: number, wanted: EventFilter, limit: number): Promise<readonly HubEvent[]>;
  /** The first that is kept and the last there was; 0 where there was none. */
  bounds(): Promise<{ readonly first: number; readonly last: number }>;
}

export function eventStore(db: Database): EventStore {
  const end = async (direction: 'asc' | 'desc'): Promise<number> => {
    const row = await db
      .selectFrom('events')
      .select('seq')
      .orderBy('seq', direction)
      .limit(1)
      .executeTakeFirst();
    return row?.seq ?? 0;
  };
  return {
    after(seq, { kind, object }, limit) {
      let query = db.selectFrom('events').selectAll().where('seq', '>', seq);
      if (object !== undefined) query = query.where('object', '=', object);
      if (kind !== undefined) {
        query = query.where(({ eb, or, between }) =>
          // From the dot to the character after it: what begins with the kind's first part.
          or([eb('kind', '=', kind), between('kind', `${kind}.`, `${kind}/`)]),
        );
      }
      return query.orderBy('seq').limit(limit).execute();
    },
    async bounds() {
      return { first: await end('asc'), last: await end('desc') };
    },
  };
}
