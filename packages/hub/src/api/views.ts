import { keyKinds } from '@sixhub/acme';
import { agentName, certificateName, fingerprint, serviceState, versionId } from '@sixhub/protocol';
import { z } from 'zod';
import type { CertificateOverview, ShownVersion } from '../store/overview.js';
import type { Agent, Deployment } from '../domain/agent.js';
import { certificateNeed } from '../domain/certificate-need.js';
import { challengeDomain } from '../domain/dns-name.js';
import type { Issuance, Step } from '../domain/issuance.js';
import { copyRemedy, isCopied, machinesOf } from '../domain/presence.js';
import type { Watch } from '../domain/watch.js';
import type { PendingRevocation } from '../store/revocations.js';
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

export const agentView = z
  .object({
    name: agentName,
    status: z.enum(['invited', 'active', 'removed']),
    createdAt: time,
    /** Since when it has that status; null where that was not written down. */
    statusAt: time.nullable(),
    lastSeenAt: time.nullable(),
    /** Enrolled, and not heard of for too long. */
    silent: z.boolean(),
    /** Two machines use its identity by turns; null where that was not seen. */
    copied: z
      .object({
        since: time,
        last: time,
        machines: z.array(z.object({ from: z.string(), since: time })),
        fix: z.string(),
      })
      .nullable(),
    grants: z.array(certificateName),
    /** At each of its services; what is most pressing first; only with a single agent. */
    standings: z.array(standingView).optional(),
  })
  .meta({ id: 'Agent' });
export type AgentView = z.infer<typeof agentView>;

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

export function viewTold(
  step: Extract<Step, { kind: 'problem' | 'delegation-wanted' }>,
): z.infer<typeof toldView> {
  if (step.kind === 'problem') return step;
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
    need: need ?? null,
    needyAgents: [...needyAgents(standings)],
    standings: standings.map(viewStanding),
  };
}

function viewCopied({ name, presence }: Agent, now: Date): AgentView['copied'] {
  if (!isCopied(presence, now) || presence.turns === undefined) return null;
  return {
    since: presence.turns.since.toISOString(),
    last: presence.turns.last.toISOString(),
    machines: machinesOf(presence).map(({ from, since }) => ({ from, since })),
    fix: copyRemedy(name),
  };
}

export function viewAgent(agent: Agent, now: Date): AgentView {
  return {
    name: agent.name,
    status: agent.status,
    createdAt: agent.createdAt.toISOString(),
    statusAt: agent.statusAt?.toISOString() ?? null,
    lastSeenAt: agent.lastSeenAt?.toISOString() ?? null,
    silent: agent.silent,
    copied: viewCopied(agent, now),
    grants: [...agent.grants],
  };
}
