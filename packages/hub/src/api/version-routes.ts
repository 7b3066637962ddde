import { isRevocationReason, revocationReasons, type RevocationReason } from '@sixhub/acme';
import { certificateName, versionId, type CertificateName } from '@sixhub/protocol';
import { z } from 'zod';
import { nextKeyOn } from '../agents/key-places.js';
import { afterRevocation, type Version } from '../domain/certificate.js';
import type { Issuance } from '../domain/issuance.js';
import { wishOf } from '../issuance/runner.js';
import { noCertificate, Refusal } from '../domain/refusal.js';
import { publicKeyOfCertificate } from '../store/public-key.js';
import type { Api, PeopleServices } from './services.js';
import {
  issuanceView,
  pendingRevocationView,
  versionView,
  viewIssuance,
  viewPending,
  viewVersion,
} from './views.js';

const named = z.object({ name: certificateName });

const keyedVersionView = versionView.extend({
  /** SHA-256 of the SubjectPublicKeyInfo: what a TLSA record 3 1 1 holds (RFC 6698 §2.1). */
  publicKeySha256: z.string(),
});
export type KeyedVersionView = z.infer<typeof keyedVersionView>;

const revoked = z.object({
  versions: z.array(versionView.extend({ certificate: certificateName })),
  /** `replace`: `issuance` makes the next version; `end`: it is not renewed any more; `none`: it was no newest one. */
  next: z.enum(['none', 'replace', 'end']),
  issuance: issuanceView.nullable(),
  askedAt: z.iso.datetime(),
  /** After a compromise: the issuances of other certificates that had the same key. */
  others: z.array(issuanceView),
  /** Marked and out of use here, but not revoked by the authority yet: the hub tries on. */
  pending: z.array(pendingRevocationView),
});
export type RevokedAnswer = z.infer<typeof revoked>;

export function versionRoutes(api: Api, services: PeopleServices): void {
  const { store, runner, clock, revocations } = services;

  api.get(
    '/v1/certificates/:name/versions',
    {
      config: { scope: 'read' },
      schema: {
        summary: 'All versions of a certificate, newest first',
        params: named,
        response: { 200: z.object({ versions: z.array(keyedVersionView) }) },
      },
    },
    async ({ params: { name } }) => {
      if ((await store.certificates.find(name)) === undefined) throw noCertificate(name);
      const versions = await store.certificates.versions(name);
      return {
        versions: versions.map((version) => ({
          ...viewVersion(version),
          publicKeySha256: publicKeyOfCertificate(version.leaf),
        })),
      };
    },
  );

  api.post(
    '/v1/certificates/:name/revoke',
    {
      config: { scope: 'write' },
      schema: {
        summary: 'Have a version revoked by its authority; the newest unless said',
        params: named,
        body: z.strictObject({
          reason: z.string().refine(isRevocationReason, {
            error: `is no reason; known: ${Object.keys(revocationReasons).join(', ')}`,
          }),
          version: versionId.optional(),
        }),
        response: { 200: revoked },
      },
    },
    async ({ params: { name }, body: { reason, version: id }, actor }) => {
      const certificate = await store.certificates.find(name);
      if (certificate === undefined) throw noCertificate(name);
      const version = await versionOf(name, id);
      const before = version.revoked?.reason;
      const isPending = (await store.revocations.find(version.id)) !== undefined;
      // A key may turn out to be compromised after it was revoked for less.
      if (
        before !== undefined &&
        !(isPending && before === reason) &&
        (before === reason || reason !== 'keyCompromise')
      ) {
        throw new Refusal(
          'conflict',
          'revoked-already',
          `version ${version.id} of ${name} is revoked already (${before})`,
          `See \`hub show ${name}\`.`,
        );
      }
      const askedAt = clock.now().toISOString();
      const versions = await revocations.sameFate(version, reason);
      // A key that others know is out of use at once; its authority may be down for days.
      const isUrgent = reason === 'keyCompromise';
      if (isUrgent) await revocations.begin(versions, reason);
      else await revocations.revokeNow(version, reason);
      for (const { id: detail, certificate: object } of versions) {
        await store.audit.append({
          ...{ actor, action: 'version.revoke', object },
          detail: `${detail} ${reason}`,
        });
      }
      const without = await namesWithout(versions);
      const next: RevokedAnswer['next'] = without.includes(version.certificate)
        ? afterRevocation[reason]
        : 'none';
      const others: Issuance[] = [];
      for (const other of without) {
        if (other !== version.certificate) others.push(...(await replace(other)));
      }
      const [issuance] = next === 'replace' ? await replace(certificate.name) : [];
      if (isUrgent) await attemptAll(versions, reason);
      const pending = await Promise.all(versions.map(({ id }) => store.revocations.find(id)));
      const marked = await Promise.all(versions.map(({ id }) => store.certificates.version(id)));
      return {
        ...{
          next,
          askedAt,
          pending: pending.flatMap((one) => (one === undefined ? [] : [viewPending(one)])),
        },
        versions: marked.flatMap((one) => (one === undefined ? [] : [viewRevoked(one)])),
        issuance: issuance === undefined ? null : viewIssuance(issuance),
        others: others.map(viewIssuance),
      };
    },
  );

  /** One failure tells enough about its authority: what is left there is tried by the hub. */
  async function attemptAll(versions: readonly Version[], reason: RevocationReason): Promise<void> {
    const failed = new Set<string>();
    for (const version of versions) {
      if (failed.has(version.authority)) continue;
      if ((await revocations.attempt(version, reason)) !== undefined) failed.add(version.authority);
    }
  }

  /** Certificates whose newest version is one of these. */
  async function namesWithout(versions: readonly Version[]): Promise<readonly CertificateName[]> {
    const without: CertificateName[] = [];
    for (const name of new Set(versions.map(({ certificate }) => certificate))) {
      const newest = await store.certificates.newest(name);
      if (versions.some(({ id }) => id === newest?.id)) without.push(name);
    }
    return without;
  }

  /** A new issuance, or the one that is running, hurried. */
  async function replace(name: CertificateName): Promise<readonly Issuance[]> {
    const certificate = await store.certificates.find(name);
    if (certificate === undefined) return []; // removed meanwhile
    try {
      const keyOn = await nextKeyOn(name, store);
      return [(await runner.request({ ...wishOf(certificate), keyOn })).issuance];
    } catch (error) {
      // One with other names is at work at this moment: it gives a version as well.
      const running = await store.issuances.unfinishedOf(name);
      if (error instanceof Refusal && running !== undefined) return [running];
      throw error;
    }
  }

  async function versionOf(
    name: z.infer<typeof certificateName>,
    id: string | undefined,
  ): Promise<Version> {
    const versions = await store.certificates.versions(name);
    const version = id === undefined ? versions[0] : versions.find((one) => one.id === id);
    if (version !== undefined) return version;
    throw new Refusal(
      'unknown',
      'no-version',
      id === undefined ? `${name} has no version yet` : `${name} has no version ${id}`,
      `See \`hub show ${name} --versions\`.`,
    );
  }
}

function viewRevoked(version: Version): z.infer<typeof revoked>['versions'][number] {
  return { ...viewVersion(version), certificate: version.certificate };
}
