import { certificateName, type CertificateName } from '@sixhub/protocol';
import { z } from 'zod';
import { lookAt, type Renewal } from '../domain/renewal.js';
import type { Database } from './database.js';

/** The planner's queue: when each certificate is to be looked at, found by an index. */
export interface RenewalStore {
  /** Those to look at by `now`, longest due first; `plan` is undefined for a version that has none yet. */
  due(now: Date, limit: number): Promise<readonly DueRenewal[]>;
  find(certificate: CertificateName): Promise<Renewal | undefined>;
  save(renewal: Renewal, now: Date): Promise<void>;
  /** Not looked at before, whatever its plan says. */
  postpone(certificate: CertificateName, until: Date): Promise<void>;
  /** A clock was put back: what was planned in what is now the future is planned anew. Returns how many. */
  forgetFuture(now: Date): Promise<number>;
}

export interface DueRenewal {
  readonly certificate: CertificateName;
  readonly plan: Renewal | undefined;
}

const time = z.iso.datetime().transform((text) => new Date(text));

const planText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(
    z.object({
      certificate: certificateName,
      version: z.string(),
      authority: z.string(),
      notBefore: time,
      notAfter: time,
      renewAt: time,
      because: z.enum(['lifetime', 'renewal-info', 'withdrawn', 'revoked']),
      window: z.object({ start: time, end: time }).optional(),
      explanationUrl: z.string().optional(),
      askAt: time.optional(),
      pausedUntil: time.optional(),
      earliest: time.optional(),
    }),
  )
  // JSON leaves out what is undefined; the noun always has the key.
  .transform((read): Renewal => ({
    ...read,
    window: read.window,
    explanationUrl: read.explanationUrl,
    askAt: read.askAt,
    pausedUntil: read.pausedUntil,
    earliest: read.earliest,
  }));

export function renewalStore(db: Database): RenewalStore {
  const read = (plan: string | null): Renewal | undefined =>
    plan === null ? undefined : planText.parse(plan);
  return {
    async due(now, limit) {
      const rows = await db
        .selectFrom('renewals')
        .select(['certificate', 'plan'])
        .where('look_at', '<=', now.toISOString())
        .orderBy('look_at')
        .limit(limit)
        .execute();
      return rows.map(({ certificate, plan }) => ({
        certificate: certificateName.parse(certificate),
        plan: read(plan),
      }));
    },
    async find(certificate) {
      const row = await db
        .selectFrom('renewals')
        .select('plan')
        .where('certificate', '=', certificate)
        .executeTakeFirst();
      return read(row?.plan ?? null);
    },
    async save(renewal, now) {
      await db
        .updateTable('renewals')
        .set({
          look_at: lookAt(renewal).toISOString(),
          planned_at: now.toISOString(),
          plan: JSON.stringify(renewal),
        })
        .where('certificate', '=', renewal.certificate)
        // A version that was stored meanwhile has its own place in the queue, which this plan is not about.
        .where(({ eb, selectFrom }) =>
          eb(
            selectFrom('versions')
              .select('id')
              .where('certificate', '=', renewal.certificate)
              .orderBy('issued_at', 'desc')
              .limit(1),
            '=',
            renewal.version,
          ),
        )
        .execute();
    },
    async postpone(certificate, until) {
      await db
        .updateTable('renewals')
        .set({ look_at: until.toISOString() })
        .where('certificate', '=', certificate)
        .execute();
    },
    async forgetFuture(now) {
      const at = now.toISOString();
      const { numUpdatedRows } = await db
        .updateTable('renewals')
        .set({ plan: null, look_at: at, planned_at: at })
        .where('planned_at', '>', at)
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },
  };
}

/** The certificate's newest version is another: it is looked at from `at` on, in the transaction that says so. */
export async function planAnew(db: Database, certificate: string, at: Date): Promise<void> {
  const unplanned = { look_at: at.toISOString(), planned_at: at.toISOString(), plan: null };
  await db
    .insertInto('renewals')
    .values({ certificate, ...unplanned })
    .onConflict((conflict) => conflict.column('certificate').doUpdateSet(unplanned))
    .execute();
}
