import { certificateName, type AgentName, type CertificateName } from '@sixhub/protocol';
import type { Selectable, Updateable } from 'kysely';
import { z } from 'zod';
import type { Version } from '../domain/certificate.js';
import type { Issuance, Step } from '../domain/issuance.js';
import type { Vault } from '../ports.js';
import { versionRow } from './certificates.js';
import type { Database } from './database.js';
import type { ManifestLedger } from './manifest-changes.js';
import { readAgent, readKeyKind, readNames } from './read-columns.js';
import { planAnew } from './renewals.js';
import type { Tables } from './schema.js';
import { sealedRow } from './sealed.js';

/** Issuances and what they told, durable before each next step. */
export interface IssuanceStore {
  create(issuance: Issuance): Promise<void>;
  find(id: string): Promise<Issuance | undefined>;
  unfinished(): Promise<readonly Issuance[]>;
  unfinishedOf(name: CertificateName): Promise<Issuance | undefined>;
  /** Unfinished ones whose key this agent is to make. */
  unfinishedOn(agent: AgentName): Promise<readonly Issuance[]>;
  /** Of whatever certificate, finished or not, that had a request for this key. */
  withRequestKey(publicKey: string): Promise<readonly Issuance[]>;
  /** An agent's request with its public key, and what is told of it, in one transaction. */
  saveRequest(
    id: string,
    at: Date,
    request: { readonly pem: string; readonly publicKey: string },
    step: Step,
  ): Promise<void>;
  /** It is worth nothing any more: another one is wanted. */
  forgetRequest(id: string): Promise<void>;
  newestOf(name: CertificateName): Promise<Issuance | undefined>;
  update(id: string, change: IssuanceChange): Promise<void>;
  /** A clock was put back: what was to be tried again at a time that was told in what is now the future, is due. */
  forgetFuture(now: Date): Promise<void>;
  /** A failed attempt: what is told of it and what follows from it, in one transaction. */
  fail(id: string, at: Date, step: Step, change: IssuanceChange): Promise<void>;
  /** The certificate's key while it is being made; kept until the version is stored. */
  key(id: string): Promise<string | undefined>;
  saveKey(id: string, privateKey: string): Promise<void>;
  /**
   * Version, key, the last step and the issuance's end in one transaction: there is no half version, and nobody sees
   * the end without having been told.
   */
  finish(id: string, version: Version, privateKey: string | undefined, step: Step): Promise<void>;
  addStep(id: string, at: Date, step: Step): Promise<number>;
  steps(id: string, after: number): Promise<readonly StoredStep[]>;
  /** What was told last. */
  newestStep(id: string): Promise<Step | undefined>;
}

export type IssuanceChange = Partial<
  Pick<Issuance, 'stage' | 'orderUrl' | 'failures' | 'retryAt' | 'retryOrdered' | 'authority'>
>;

export interface StoredStep {
  readonly seq: number;
  readonly at: string;
  readonly step: Step;
}

export function issuanceStore(
  db: Database,
  vault: Vault,
  manifests: Pick<ManifestLedger, 'written'>,
): IssuanceStore {
  const unfinished = () =>
    db.selectFrom('issuances').selectAll().where('stage', 'in', ['delegation', 'order']);
  return {
    async create(issuance) {
      await db.insertInto('issuances').values(toRow(issuance)).execute();
      if (issuance.keyOn !== undefined) manifests.written();
    },
    async find(id) {
      const row = await db
        .selectFrom('issuances')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toIssuance(row);
    },
    async unfinished() {
      return (await unfinished().orderBy('created_at').execute()).map(toIssuance);
    },
    async unfinishedOf(name) {
      const row = await unfinished().where('certificate', '=', name).executeTakeFirst();
      return row && toIssuance(row);
    },
    async unfinishedOn(agent) {
      const rows = await unfinished().where('key_on', '=', agent).orderBy('created_at').execute();
      return rows.map(toIssuance);
    },
    async withRequestKey(publicKey) {
      const rows = await db
        .selectFrom('issuances')
        .selectAll()
        .where('request_key', '=', publicKey)
        .execute();
      return rows.map(toIssuance);
    },
    async saveRequest(id, at, { pem, publicKey }, step) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('steps')
          .values(stepRow(id, at, step))
          .execute();
        await transaction
          .updateTable('issuances')
          .set({ request: pem, request_key: publicKey })
          .where('id', '=', id)
          .execute();
      });
      manifests.written();
    },
    async forgetRequest(id) {
      await db
        .updateTable('issuances')
        .set({ request: null, request_key: null })
        .where('id', '=', id)
        .execute();
      manifests.written();
    },
    async newestOf(name) {
      const row = await db
        .selectFrom('issuances')
        .selectAll()
        .where('certificate', '=', name)
        .orderBy('created_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && toIssuance(row);
    },
    async update(id, change) {
      await db.updateTable('issuances').set(changedColumns(change)).where('id', '=', id).execute();
    },
    async forgetFuture(now) {
      const at = now.toISOString();
      await db
        .updateTable('issuances')
        .set({ retry_at: null })
        .where('stage', 'in', ['delegation', 'order'])
        .where('retry_at', '>', at)
        .where(({ exists, selectFrom }) =>
          exists(
            selectFrom('steps')
              .select('seq')
              .whereRef('steps.issuance', '=', 'issuances.id')
              .where('at', '>', at),
          ),
        )
        .execute();
    },
    async fail(id, at, step, change) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('steps')
          .values(stepRow(id, at, step))
          .execute();
        await transaction
          .updateTable('issuances')
          .set(changedColumns(change))
          .where('id', '=', id)
          .execute();
      });
      if (change.stage !== undefined) manifests.written();
    },
    async key(id) {
      const row = await db
        .selectFrom('issuances')
        .select('sealed_key')
        .where('id', '=', id)
        .executeTakeFirst();
      return row?.sealed_key ? vault.unseal(sealedRow.issuance(id), row.sealed_key) : undefined;
    },
    async saveKey(id, privateKey) {
      await db
        .updateTable('issuances')
        .set({ sealed_key: vault.seal(sealedRow.issuance(id), privateKey) })
        .where('id', '=', id)
        .execute();
    },
    async finish(id, version, privateKey, step) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('versions')
          .values(versionRow(version, privateKey, vault))
          .execute();
        await transaction
          .insertInto('steps')
          .values(stepRow(id, version.issuedAt, step))
          .execute();
        await planAnew(transaction, version.certificate, version.issuedAt);
        await transaction
          .updateTable('issuances')
          .set({ stage: 'done', sealed_key: null, failures: 0, retry_at: null })
          .where('id', '=', id)
          .execute();
        // What was asked for is what the certificate is from now on, and not a moment before.
        const { names, key_kind, reuse_key, key_on } = await transaction
          .selectFrom('issuances')
          .select(['names', 'key_kind', 'reuse_key', 'key_on'])
          .where('id', '=', id)
          .executeTakeFirstOrThrow();
        await transaction
          .updateTable('certificates')
          .set({ names, key_kind, reuse_key, key_on })
          .where('name', '=', version.certificate)
          .execute();
      });
      manifests.written();
    },
    async addStep(id, at, step) {
      const { seq } = await db
        .insertInto('steps')
        .values(stepRow(id, at, step))
        .returning('seq')
        .executeTakeFirstOrThrow();
      return seq;
    },
    async newestStep(id) {
      const row = await db
        .selectFrom('steps')
        .select('step')
        .where('issuance', '=', id)
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && (JSON.parse(row.step) as Step);
    },
    async steps(id, after) {
      const rows = await db
        .selectFrom('steps')
        .selectAll()
        .where('issuance', '=', id)
        .where('seq', '>', after)
        .orderBy('seq')
        .execute();
      // Written by addStep alone, from the same type.
      return rows.map(({ seq, at, step }) => ({ seq, at, step: JSON.parse(step) as Step }));
    },
  };
}

function stepRow(id: string, at: Date, step: Step): { issuance: string; at: string; step: string } {
  return { issuance: id, at: at.toISOString(), step: JSON.stringify(step) };
}

function changedColumns(change: IssuanceChange): Updateable<Tables['issuances']> {
  return {
    ...(change.stage === undefined ? {} : { stage: change.stage }),
    ...('orderUrl' in change ? { order_url: change.orderUrl ?? null } : {}),
    ...(change.failures === undefined ? {} : { failures: change.failures }),
    ...('retryAt' in change ? { retry_at: change.retryAt?.toISOString() ?? null } : {}),
    ...(change.retryOrdered === undefined ? {} : { retry_ordered: change.retryOrdered ? 1 : 0 }),
    ...(change.authority === undefined ? {} : { authority: change.authority }),
  };
}

function toRow(issuance: Issuance): Selectable<Tables['issuances']> {
  return {
    id: issuance.id,
    certificate: issuance.certificate,
    names: JSON.stringify(issuance.names),
    key_kind: issuance.keyKind,
    reuse_key: issuance.reuseKey ? 1 : 0,
    authority: issuance.authority,
    stage: issuance.stage,
    order_url: issuance.orderUrl ?? null,
    sealed_key: null,
    key_on: issuance.keyOn ?? null,
    request: issuance.request ?? null,
    request_key: null,
    failures: issuance.failures,
    retry_at: issuance.retryAt?.toISOString() ?? null,
    retry_ordered: issuance.retryOrdered ? 1 : 0,
    created_at: issuance.createdAt.toISOString(),
  };
}

export function toIssuance(row: Omit<Selectable<Tables['issuances']>, 'request_key'>): Issuance {
  return {
    id: row.id,
    certificate: certificateName.parse(row.certificate),
    names: readNames(row.names),
    keyKind: readKeyKind(row.key_kind),
    reuseKey: row.reuse_key === 1,
    keyOn: readAgent(row.key_on),
    request: row.request ?? undefined,
    authority: row.authority,
    stage: z.enum(['delegation', 'order', 'done', 'failed']).parse(row.stage),
    orderUrl: row.order_url ?? undefined,
    failures: row.failures,
    retryAt: row.retry_at === null ? undefined : new Date(row.retry_at),
    retryOrdered: row.retry_ordered === 1,
    createdAt: new Date(row.created_at),
  };
}
