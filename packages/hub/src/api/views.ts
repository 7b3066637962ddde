import { keyKinds } from '@sixhub/acme';
import { agentName, certificateName, fingerprint, serviceState, versionId } from '@sixhub/protocol';
import { z } from 'zod';
import type { CertificateOverview, ShownVersion } from '../store/overview.js';
import type { Deployment } from '../domain/agent.js';
import { certificateNeed } from '../domain/certificate-need.js';
import { challengeDomain } from '../domain/dns-name.js';
import { waitsForKeyOf, type Issuance, type Step } from '../domain/issuance.js';
import { rolloutNeed } from '../domain/rollout.js';
import type { Watch } from '../domain/watch.js';
import type { PendingRevocation } from '../store/revocations.js';
import { unfinishedRollout, viewUnfinished } from './rollout-view.js';
import {
  lastErrorView,
  needyAgents,
  standingsOfAll,
  standingView,
  viewStanding,
} from './standing-view.js';

/** What the REST API shows, once as schemas: validation, types and OpenAPI come from these. */

const time = z.iso.datetime();

export const versionView = z
  .object({
    id: versionId,
    fingerprint,
    serial: z.string(),
    issuer: z.string(),
    authority: z.string(),
    notBefore: time,
    notAfter: time,
    issuedAt: time,
    /** The machine that alone has the private key; null: the hub has it. */
    keyOn: agentName.nullable(),
    /** Null while it stands. */
    revoked: z.object({ at: time, reason: z.string() }).nullable(),
  })
  .meta({ id: 'Version' });

export const issuanceView = z
  .object({
    id: z.uuid(),
    certificate: certificateName,
    names: z.array(z.string()),
    authority: z.string(),
    stage: z.enum(['delegation', 'order', 'done', 'failed']),
    /** The machine whose key is waited for. */
    waitsForKeyOf: agentName.nullable(),
    failures: z.number().int(),
    retryAt: time.nullable(),
    createdAt: time,
  })
  .meta({ id: 'Issuance' });

export const deploymentView = z
  .object({
    agent: agentName,
    certificate: certificateName,
    version: versionId,
    installed: z.boolean(),
    detail: z.string(),
    reportedAt: time,
    services: z.array(
      z.object({
        service: z.string(),
        state: serviceState,
        detail: z.string(),
        at: time,
        since: time,
        /** Of a service that serves: the last trouble before. */
        lastError: lastErrorView.optional(),
      }),
    ),
    /** The same by what it means, and what to do; only in the list of deployments. */
    standings: z.array(standingView).optional(),
  })
  .meta({ id: 'Deployment' });
export type DeploymentView = z.infer<typeof deploymentView>;

const toldView = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('key-wanted'), agent: z.string() }),
  z.object({ kind: z.literal('key-refused'), agent: z.string(), fact: z.string() }),
  z.object({
    kind: z.literal('problem'),
    problem: z.string(),
    fact: z.string(),
    hint: z.string(),
    retryAt: time.nullable(),
  }),
  z.object({
    kind: z.literal('delegation-wanted'),
    records: z.array(
      z.object({
        domain: z.string(),
        name: z.string(),
        target: z.string(),
        found: z.string().optional(),
        seen: z.string(),
      }),
    ),
  }),
]);

export const pendingRevocationView = z.object({
  version: versionId,
  fact: z.string(),
  retryAt: time,
});

export const certificateView = z
  .object({
    name: certificateName,
    names: z.array(z.string()),
    key: z.enum(keyKinds),
    /** Renewals keep the key. */
    reuseKey: z.boolean(),
    /** The machine that makes its keys and keeps them; null: the hub makes them. */
    keyOn: agentName.nullable(),
    createdAt: time,
    /** The newest, which agents should serve; null before the first is issued. */
    version: versionView.nullable(),
    /** The latest run; null where there was none. */
    issuance: issuanceView.nullable(),
    /** What the latest run told last, where that is why it is not done; only with a single certificate. */
    told: toldView.nullable().optional(),
    /** Domains of it whose CNAME was there and is not any more: no renewal can be validated. */
    delegationsGone: z.array(z.object({ domain: z.string(), since: time, seen: z.string() })),
    /** Marked as compromised, and not revoked at the authority yet; only with a single certificate. */
    revocationsPending: z.array(pendingRevocationView).optional(),
    /** Of the newest version, where that is not with all agents yet: they have the version before until their turn. */
    rollout: unfinishedRollout.nullable(),
    /** One an agent with a grant that has reported. */
    deployments: z.array(deploymentView),
    /** Agents with a grant. */
    agents: z.array(agentName),
    /** Why a person is needed for the certificate itself, whichever machines have it. */
    need: z.object({ fact: z.string(), remedy: z.string() }).nullable(),
    /** Agents on whose machines a person is needed. */
    needyAgents: z.array(agentName),
    /** At each service of each machine; what is most pressing first; only with a single certificate. */
    standings: z.array(standingView).optional(),
  })
  .meta({ id: 'Certificate' });
export type CertificateView = z.infer<typeof certificateView>;

export function viewVersion(version: ShownVersion): z.infer<typeof versionView> {
  const { id, fingerprint: print, serial, issuer, authority } = version;
  return {
    id,
    fingerprint: print,
    serial,
    issuer,
    authority,
    notBefore: version.notBefore.toISOString(),
    notAfter: version.notAfter.toISOString(),
    issuedAt: version.issuedAt.toISOString(),
    keyOn: version.keyOn ?? null,
    revoked:
      version.revoked === undefined
        ? null
        : { at: version.revoked.at.toISOString(), reason: version.revoked.reason },
  };
}

export function viewPending({
  version,
  fact,
  retryAt,
}: PendingRevocation): z.infer<typeof pendingRevocationView> {
  return { version, fact, retryAt: retryAt.toISOString() };
}

/** Null: what was told last is not why it is not done. */
export function viewTold(step: Step | undefined): z.infer<typeof toldView> | null {
  if (step?.kind === 'problem' || step?.kind === 'key-wanted' || step?.kind === 'key-refused') {
    return step;
  }
  if (step?.kind !== 'delegation-wanted') return null;
  return {
    kind: step.kind,
    records: step.records.map(({ found, ...record }) =>
      found === undefined ? record : { ...record, found },
    ),
  };
}

export function viewIssuance(issuance: Issuance): z.infer<typeof issuanceView> {
  const { id, certificate, names, authority, stage, failures } = issuance;
  return {
    id,
    certificate,
    names: [...names],
    authority,
    stage,
    failures,
    waitsForKeyOf: waitsForKeyOf(issuance) ?? null,
    retryAt: issuance.retryAt?.toISOString() ?? null,
    createdAt: issuance.createdAt.toISOString(),
  };
}

export function viewDeployment(deployment: Deployment): DeploymentView {
  return {
    ...deployment,
    services: deployment.services.map(({ lastError, ...service }) =>
      lastError === undefined ? service : { ...service, lastError },
    ),
    reportedAt: deployment.reportedAt.toISOString(),
  };
}

export interface Moment {
  readonly now: Date;
  /** Delegations that are gone, of whatever certificate, by their domain. */
  readonly gone: ReadonlyMap<string, Watch>;
  /** What the latest issuance told last, where that is why it is not done. */
  readonly told: Step | undefined;
}

export function viewCertificate(
  overview: CertificateOverview,
  { now, gone, told }: Moment,
): CertificateView & Required<Pick<CertificateView, 'standings'>> {
  const { certificate, version, issuance, holdings } = overview;
  const domains = gone.size === 0 ? [] : new Set<string>(certificate.names.map(challengeDomain));
  const missing = [...domains].filter((domain) => gone.has(domain));
  const standings = standingsOfAll(overview, now);
  const present = holdings.filter(({ agent }) => agent.status !== 'removed');
  const need = certificateNeed(
    { name: certificate.name, version, issuance, told, gone: missing },
    now,
  );
  return {
    name: certificate.name,
    names: [...certificate.names],
    key: certificate.keyKind,
    reuseKey: certificate.reuseKey,
    keyOn: certificate.keyOn ?? null,
    createdAt: certificate.createdAt.toISOString(),
    version: version === undefined ? null : viewVersion(version),
    issuance: issuance === undefined ? null : viewIssuance(issuance),
    delegationsGone: missing.flatMap((domain) => {
      const watch = gone.get(domain);
      if (watch === undefined) return [];
      return [{ domain, since: watch.since.toISOString(), seen: watch.seen }];
    }),
    deployments: present.flatMap(({ deployment }) =>
      deployment === undefined ? [] : [viewDeployment(deployment)],
    ),
    agents: present.map(({ agent }) => agent.name),
    rollout: viewUnfinished(overview),
    need: need ?? (overview.rollout && rolloutNeed(overview.rollout)) ?? null,
    needyAgents: [...needyAgents(standings)],
    standings: standings.map(viewStanding),
  };
}
