import { z } from 'zod';
import { alertKinds, type Alert } from '../domain/alert.js';
import type { NewsGroup, Notice } from '../domain/notice.js';
import type { KnownAlert } from '../domain/telling.js';
import type { Database } from './database.js';

/** What stands, what was told about it, and what is on its way to whom. */
export interface AlertStore {
  list(): Promise<readonly KnownAlert[]>;
  lastNoticeAt(): Promise<Date | undefined>;
  /**
   * One look's outcome in one transaction: what is told is marked as told with the message that tells it, so that a hub
   * that is killed tells nothing twice and forgets nothing.
   */
  settle(outcome: {
    readonly changed: readonly KnownAlert[];
    readonly forgotten: readonly string[];
    readonly notice: Notice | undefined;
    /** By name; each gets the message. */
    readonly channels: readonly string[];
  }): Promise<void>;
  /** False where there is no such alert. */
  silence(id: string, until: Date): Promise<boolean>;
  /** Longest waiting first. */
  dueDeliveries(channel: string, now: Date, limit: number): Promise<readonly Delivery[]>;
  /**
   * Counts a try, before it. What is read may not be on the disk yet; what this has acknowledged is, and the message with
   * it: nothing is told that a hub that is killed would not know of.
   */
  begin(notice: string, channel: string): Promise<void>;
  sent(notice: string, channel: string, at: Date): Promise<void>;
  /** `nextAt` undefined: given up. */
  notSent(notice: string, channel: string, error: string, nextAt: Date | undefined): Promise<void>;
  /** How each channel did with its newest messages. */
  channelState(channel: string): Promise<ChannelState>;
  /** Messages of before then are not needed any more. */
  forgetNotices(before: Date): Promise<void>;
}

export interface Delivery {
  readonly notice: Notice;
  /** That were begun. */
  readonly attempts: number;
}

export interface ChannelState {
  readonly lastSentAt: Date | undefined;
  readonly waiting: number;
  /** Of what waits, or was given up. */
  readonly error: string | undefined;
  readonly nextAt: Date | undefined;
}

/** No delivery is tried again later than this. */
const longestWaitMs = 7_200_000;

const time = z.iso.datetime().transform((text) => new Date(text));

const alertText = z.object({
  id: z.string(),
  kind: z.enum(alertKinds),
  subject: z.string(),
  severity: z.enum(['warning', 'critical']),
  level: z.number(),
  cause: z.string(),
  since: time,
  endsAt: time.optional(),
  headline: z.string(),
  fact: z.string(),
  fix: z.string(),
});

/** JSON leaves out what is undefined; the noun always has the key. */
const alert = alertText.transform((read): Alert => ({ ...read, endsAt: read.endsAt }));

const knownText = z
  .object({
    alert,
    turnedAt: time,
    stands: z.boolean(),
    toldAt: time.optional(),
    toldLevel: z.number().optional(),
  })
  .transform((read): Omit<KnownAlert, 'silencedUntil'> => ({
    ...read,
    toldAt: read.toldAt,
    toldLevel: read.toldLevel,
  }));

const groupsText = z.array(
  z.object({
    news: z.enum(['new', 'worse', 'reminder', 'over']),
    kind: alertText.shape.kind,
    count: z.number(),
    alerts: z.array(alert),
  }),
);

export function alertStore(db: Database): AlertStore {
  return {
    async list() {
      const rows = await db.selectFrom('alerts').selectAll().orderBy('id').execute();
      return rows.map(({ known, silenced_until: silenced }) => ({
        ...knownText.parse(JSON.parse(known)),
        silencedUntil: silenced === null ? undefined : new Date(silenced),
      }));
    },
    async lastNoticeAt() {
      const row = await db
        .selectFrom('notices')
        .select('at')
        .orderBy('at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && new Date(row.at);
    },
    async settle({ changed, forgotten, notice, channels }) {
      await db.transaction().execute(async (transaction) => {
        for (const { silencedUntil: _, ...content } of changed) {
          const known = JSON.stringify(content);
          await transaction
            .insertInto('alerts')
            .values({ id: content.alert.id, known, silenced_until: null })
            .onConflict((conflict) => conflict.column('id').doUpdateSet({ known }))
            .execute();
        }
        for (const id of forgotten) {
          await transaction.deleteFrom('alerts').where('id', '=', id).execute();
        }
        if (notice === undefined) return;
        const { id, groups } = notice;
        const at = notice.at.toISOString();
        await transaction
          .insertInto('notices')
          .values({ id, at, groups: JSON.stringify(groups) })
          .execute();
        for (const channel of channels) {
          await transaction
            .insertInto('deliveries')
            .values({ notice: id, channel, next_at: at })
            .execute();
        }
      });
    },
    async silence(id, until) {
      const { numUpdatedRows } = await db
        .updateTable('alerts')
        .set({ silenced_until: until.toISOString() })
        .where('id', '=', id)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async dueDeliveries(channel, now, limit) {
      const rows = await db
        .selectFrom('deliveries')
        .innerJoin('notices', 'notices.id', 'deliveries.notice')
        .select(['notices.id', 'notices.at', 'notices.groups', 'deliveries.attempts'])
        .where('channel', '=', channel)
        // What is to wait for longer than anything does was set by a clock that was ahead.
        .where(({ eb, or }) =>
          or([
            eb('next_at', '<=', now.toISOString()),
            eb('next_at', '>', new Date(now.getTime() + longestWaitMs).toISOString()),
          ]),
        )
        .orderBy('notices.at')
        .limit(limit)
        .execute();
      return rows.map(({ id, at, groups, attempts }) => ({
        notice: { id, at: new Date(at), groups: readGroups(groups) },
        attempts,
      }));
    },
    async begin(notice, channel) {
      await db
        .updateTable('deliveries')
        .set(({ eb }) => ({ attempts: eb('attempts', '+', 1) }))
        .where('notice', '=', notice)
        .where('channel', '=', channel)
        .execute();
    },
    async sent(notice, channel, at) {
      await db
        .updateTable('deliveries')
        .set({ sent_at: at.toISOString(), next_at: null, error: null })
        .where('notice', '=', notice)
        .where('channel', '=', channel)
        .execute();
    },
    async notSent(notice, channel, error, nextAt) {
      await db
        .updateTable('deliveries')
        .set({ next_at: nextAt?.toISOString() ?? null, error })
        .where('notice', '=', notice)
        .where('channel', '=', channel)
        .execute();
    },
    async channelState(channel) {
      const of = () => db.selectFrom('deliveries').where('channel', '=', channel);
      const { sent, waiting, next } = await of()
        .select(({ fn }) => [
          fn.max('sent_at').as('sent'),
          fn.count('next_at').as('waiting'),
          fn.min('next_at').as('next'),
        ])
        .executeTakeFirstOrThrow();
      const newest = await of()
        .innerJoin('notices', 'notices.id', 'deliveries.notice')
        .select('error')
        .orderBy('notices.at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return {
        lastSentAt: sent === null ? undefined : new Date(sent),
        waiting: Number(waiting),
        error: newest?.error ?? undefined,
        nextAt: next === null ? undefined : new Date(next),
      };
    },
    async forgetNotices(before) {
      const at = before.toISOString();
      await db.deleteFrom('notices').where('at', '<', at).execute();
    },
  };
}

function readGroups(text: string): readonly NewsGroup[] {
  return groupsText.parse(JSON.parse(text));
}
