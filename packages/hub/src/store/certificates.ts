import { isRevocationReason } from '@sixhub/acme';
import { certificateName, type CertificateName } from '@sixhub/protocol';
import type { Insertable, Selectable } from 'kysely';
import {
  afterRevocation,
  type Certificate,
  type Revocation,
  type Version,
} from '../domain/certificate.js';
import type { DnsName } from '../domain/dns-name.js';
import type { Vault } from '../ports.js';
import type { Database } from './database.js';
import type { ManifestLedger } from './manifest-changes.js';
import { publicKeyOfCertificate } from './public-key.js';
import { planAnew } from './renewals.js';
import { readAgent, readKeyKind, readNames } from './read-columns.js';
import type { Tables } from './schema.js';
import { sealedRow } from './sealed.js';

/** Certificates (lineages) and their versions. */
export interface CertificateStore {
  list(): Promise<readonly Certificate[]>;
  find(name: CertificateName): Promise<Certificate | undefined>;
  /** Those for exactly these names. */
  withNames(names: readonly DnsName[]): Promise<readonly CertificateName[]>;
  /** Names and key kind of an existing one are replaced: the next version has them. */
  save(certificate: Certificate): Promise<void>;
  /** A version that somebody else obtained, with its certificate where there is none of the name, in one transaction. */
  takeOver(certificate: Certificate, version: Version, privateKey: string): Promise<void>;
  versions(name: CertificateName): Promise<readonly Version[]>;
  /** By its id. */
  version(id: string): Promise<Version | undefined>;
  newest(name: CertificateName): Promise<Version | undefined>;
  /**
   * Marks a version; where it is the newest, the planner's queue follows in the same transaction: it is looked at now
   * to be replaced, or leaves the queue for good.
   */
  revoke(version: Version, revocation: Revocation): Promise<void>;
  /** Versions of whatever certificate that have this key, newest first; `publicKey` as in public-key.ts. */
  withKey(publicKey: string): Promise<readonly Version[]>;
  /** A clock was put back: versions of what is now the future are from now, or none that comes next would be newest. */
  forgetFuture(now: Date): Promise<void>;
  /** Fingerprints of revoked versions that have not ended by `now`. */
  revokedFingerprints(name: CertificateName, now: Date): Promise<readonly string[]>;
  /** The version's private key, PKCS#8 PEM, for the agent that has a grant; undefined where the key is on an agent. */
  privateKey(versionId: string): Promise<string | undefined>;
}

export function certificateStore(
  db: Database,
  vault: Vault,
  manifests: Pick<ManifestLedger, 'written'>,
): CertificateStore {
  const newest = (name: CertificateName) =>
    db
      .selectFrom('versions')
      .selectAll()
      .where('certificate', '=', name)
      .orderBy('issued_at', 'desc')
      .limit(1);
  return {
    async list() {
      return (await db.selectFrom('certificates').selectAll().orderBy('name').execute()).map(
        toCertificate,
      );
    },
    async find(name) {
      const row = await db
        .selectFrom('certificates')
        .selectAll()
        .where('name', '=', name)
        .executeTakeFirst();
      return row && toCertificate(row);
    },
    async withNames(names) {
      const rows = await db
        .selectFrom('certificates')
        .select(['name', 'names'])
        .where('names', 'like', `%${JSON.stringify(names[0])}%`)
        .execute();
      const wanted = names.toSorted().join();
      return rows
        .filter((row) => [...new Set(readNames(row.names))].toSorted().join() === wanted)
        .map(({ name }) => certificateName.parse(name));
    },
    async save(certificate) {
      const row = certificateRow(certificate);
      const { names, key_kind, reuse_key, key_on } = row;
      await db
        .insertInto('certificates')
        .values(row)
        .onConflict((conflict) =>
          conflict.column('name').doUpdateSet({ names, key_kind, reuse_key, key_on }),
        )
        .execute();
      manifests.written();
    },
    async takeOver(certificate, version, privateKey) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .insertInto('certificates')
          .values(certificateRow(certificate))
          .onConflict((conflict) => conflict.column('name').doNothing())
          .execute();
        await transaction
          .insertInto('versions')
          .values(versionRow(version, privateKey, vault))
          .execute();
        await planAnew(transaction, certificate.name, version.issuedAt);
      });
      manifests.written();
    },
    async versions(name) {
      const rows = await db
        .selectFrom('versions')
        .selectAll()
        .where('certificate', '=', name)
        .orderBy('issued_at', 'desc')
        .execute();
      return rows.map(toVersion);
    },
    async version(id) {
      const row = await db
        .selectFrom('versions')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return row && toVersion(row);
    },
    async newest(name) {
      const row = await newest(name).executeTakeFirst();
      return row && toVersion(row);
    },
    async revoke({ id, certificate }, { at, reason }) {
      await db.transaction().execute(async (transaction) => {
        await transaction
          .updateTable('versions')
          .set({ revoked_at: at.toISOString(), revoked_reason: reason })
          .where('id', '=', id)
          .execute();
        const newestRow = await transaction
          .selectFrom('versions')
          .select('id')
          .where('certificate', '=', certificate)
          .orderBy('issued_at', 'desc')
          .limit(1)
          .executeTakeFirst();
        if (newestRow?.id !== id) return;
        if (afterRevocation[reason] === 'end') {
          await transaction.deleteFrom('renewals').where('certificate', '=', certificate).execute();
          return;
        }
        await planAnew(transaction, certificate, at);
      });
      manifests.written();
    },
    async withKey(publicKey) {
      const rows = await db
        .selectFrom('versions')
        .selectAll()
        .where('public_key', '=', publicKey)
        .orderBy('issued_at', 'desc')
        .execute();
      return rows.map(toVersion);
    },
    async forgetFuture(now) {
      await db.transaction().execute(async (transaction) => {
        const future = await transaction
          .selectFrom('versions')
          .select('id')
          .where('issued_at', '>', now.toISOString())
          .orderBy('issued_at', 'desc')
          .execute();
        for (const [age, { id }] of future.entries()) {
          await transaction
            .updateTable('versions')
            .set({ issued_at: new Date(now.getTime() - age).toISOString() })
            .where('id', '=', id)
            .execute();
        }
      });
      manifests.written();
    },
    async revokedFingerprints(name, now) {
      const rows = await db
        .selectFrom('versions')
        .select('fingerprint')
        .where('certificate', '=', name)
        .where('revoked_at', 'is not', null)
        .where('not_after', '>', now.toISOString())
        .orderBy('issued_at')
        .execute();
      return rows.map(({ fingerprint }) => fingerprint);
    },
    async privateKey(versionId) {
      const row = await db
        .selectFrom('versions')
        .select('sealed_key')
        .where('id', '=', versionId)
        .executeTakeFirst();
      return row?.sealed_key
        ? vault.unseal(sealedRow.version(versionId), row.sealed_key)
        : undefined;
    },
  };
}

function certificateRow(certificate: Certificate): Insertable<Tables['certificates']> {
  const { name, names, keyKind, reuseKey, keyOn, createdAt } = certificate;
  return {
    name,
    names: JSON.stringify(names),
    key_kind: keyKind,
    reuse_key: reuseKey ? 1 : 0,
    key_on: keyOn ?? null,
    created_at: createdAt.toISOString(),
  };
}

/** The row of a new version, its private key sealed to it, if it is here. */
export function versionRow(
  version: Version,
  privateKey: string | undefined,
  vault: Vault,
): Selectable<Tables['versions']> {
  return {
    id: version.id,
    certificate: version.certificate,
    fingerprint: version.fingerprint,
    serial: version.serial,
    issuer: version.issuer,
    authority: version.authority,
    not_before: version.notBefore.toISOString(),
    not_after: version.notAfter.toISOString(),
    issued_at: version.issuedAt.toISOString(),
    leaf: version.leaf,
    chain: version.chain,
    sealed_key:
      privateKey === undefined ? null : vault.seal(sealedRow.version(version.id), privateKey),
    key_on: version.keyOn ?? null,
    public_key: publicKeyOfCertificate(version.leaf),
    revoked_at: version.revoked?.at.toISOString() ?? null,
    revoked_reason: version.revoked?.reason ?? null,
  };
}

export function toVersion(row: Selectable<Tables['versions']>): Version {
  return {
    id: row.id,
    certificate: certificateName.parse(row.certificate),
    fingerprint: row.fingerprint,
    serial: row.serial,
    issuer: row.issuer,
    authority: row.authority,
    notBefore: new Date(row.not_before),
    notAfter: new Date(row.not_after),
    issuedAt: new Date(row.issued_at),
    leaf: row.leaf,
    chain: row.chain,
    keyOn: readAgent(row.key_on),
    revoked: toRevocation(row),
  };
}

export function toRevocation({
  revoked_at: at,
  revoked_reason: reason,
}: Pick<Selectable<Tables['versions']>, 'revoked_at' | 'revoked_reason'>): Revocation | undefined {
  if (at === null) return undefined;
  if (reason === null || !isRevocationReason(reason)) {
    throw new Error(`the database holds '${reason}' as a reason of revocation`);
  }
  return { at: new Date(at), reason };
}

export function toCertificate(
  row: Omit<Selectable<Tables['certificates']>, 'version' | 'not_after' | 'late_at' | 'issuance'>,
): Certificate {
  return {
    name: certificateName.parse(row.name),
    names: readNames(row.names),
    keyKind: readKeyKind(row.key_kind),
    reuseKey: row.reuse_key === 1,
    keyOn: readAgent(row.key_on),
    createdAt: new Date(row.created_at),
  };
}
