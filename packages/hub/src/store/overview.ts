import { agentName, certificateName, type AgentName, type CertificateName } from '@sixhub/protocol';
import type { Deployment } from '../domain/agent.js';
import type { Certificate, Version } from '../domain/certificate.js';
import type { Issuance } from '../domain/issuance.js';
import { toDeployment } from './agents.js';
import { toCertificate, toRevocation } from './certificates.js';
import type { Database } from './database.js';
import { toIssuance } from './issuances.js';
import { grouped } from './grouped.js';
import type { Page } from './page.js';

/** A version without its PEM. */
export type ShownVersion = Omit<Version, 'leaf' | 'chain'>;

/** All that is known of a certificate. */
export interface CertificateOverview {
  readonly certificate: Certificate;
  /** The newest. */
  readonly version: ShownVersion | undefined;
  /** The latest. */
  readonly issuance: Issuance | undefined;
  /** One an agent with a grant that has reported. */
  readonly deployments: readonly Deployment[];
  /** Agents with a grant. */
  readonly agents: readonly AgentName[];
}

export type IssuanceState = 'running' | 'failed';

export interface CertificateFilter {
  /** Whose newest version ends before. */
  readonly expiringBefore?: Date | undefined;
  /** By the latest issuance. */
  readonly issuance?: IssuanceState | undefined;
  /** That this agent has a grant for. */
  readonly agent?: AgentName | undefined;
}

export interface DeploymentFilter {
  readonly agent?: AgentName | undefined;
  readonly certificate?: CertificateName | undefined;
}

/** After which deployment a page begins. */
export interface DeploymentPlace {
  readonly agent: string;
  readonly certificate: string;
}

/**
 * What is shown of many nouns at once: some statements for a page, whatever its length, and each of them finds its
 * rows by an index, so that a page of a long list costs what a page of a short one does.
 */
export interface Overview {
  /** By name. */
  certificates(
    filter: CertificateFilter,
    page: Page<string>,
  ): Promise<readonly CertificateOverview[]>;
  certificate(name: CertificateName): Promise<CertificateOverview | undefined>;
  /** By agent, then certificate; those of grants that stand. */
  deployments(
    filter: DeploymentFilter,
    page: Page<DeploymentPlace>,
  ): Promise<readonly Deployment[]>;
}

const stages = { running: ['delegation', 'order'], failed: ['failed'] } as const;

export function overviewStore(db: Database): Overview {
  const certificates = () =>
    db
      .selectFrom('certificates as c')
      .leftJoin('versions as v', 'v.id', 'c.version')
      .leftJoin('issuances as i', 'i.id', 'c.issuance')
      .select(['c.name', 'c.names', 'c.key_kind', 'c.reuse_key', 'c.created_at'])
      .select(['v.id', 'v.fingerprint', 'v.serial', 'v.issuer', 'v.authority', 'v.not_before'])
      .select(['v.not_after', 'v.issued_at', 'v.revoked_at', 'v.revoked_reason'])
      .select(['i.id as run', 'i.names as run_names', 'i.key_kind as run_key_kind'])
      .select(['i.reuse_key as run_reuse_key', 'i.authority as run_authority', 'i.stage'])
      .select(['i.order_url', 'i.failures', 'i.retry_at', 'i.retry_ordered'])
      .select('i.created_at as run_created_at');

  const granted = () =>
    db
      .selectFrom('grants as g')
      .innerJoin('agents as a', 'a.id', 'g.agent_id')
      .leftJoin('deployments as d', (join) =>
        join.onRef('d.agent_id', '=', 'g.agent_id').onRef('d.certificate', '=', 'g.certificate'),
      )
      .where('a.status', '!=', 'removed')
      .select(['g.certificate', 'a.name as agent', 'd.version', 'd.installed', 'd.detail'])
      .select(['d.services', 'd.reported_at'])
      .orderBy('a.name')
      .orderBy('g.certificate');

  type Row = Awaited<ReturnType<ReturnType<typeof certificates>['execute']>>[number];
  type GrantRow = Awaited<ReturnType<ReturnType<typeof granted>['execute']>>[number];

  return {
    async certificates({ expiringBefore, issuance, agent }, { after, limit }) {
      let query = certificates().orderBy('c.name').limit(limit);
      if (after !== undefined) query = query.where('c.name', '>', after);
      if (expiringBefore !== undefined) {
        query = query.where('c.not_after', '<', expiringBefore.toISOString());
      }
      if (issuance !== undefined) {
        query = query.where('c.issuance', 'in', ({ selectFrom }) =>
          selectFrom('issuances').select('id').where('stage', 'in', stages[issuance]),
        );
      }
      if (agent !== undefined) {
        query = query.where('c.name', 'in', ({ selectFrom }) =>
          selectFrom('grants')
            .innerJoin('agents', 'agents.id', 'grants.agent_id')
            .select('grants.certificate')
            .where('agents.name', '=', agent)
            .where('agents.status', '!=', 'removed'),
        );
      }
      const rows = await query.execute();
      const names = rows.map(({ name }) => name);
      const grants =
        names.length === 0 ? [] : await granted().where('g.certificate', 'in', names).execute();
      const byName = grouped(grants, ({ certificate }) => certificate);
      return rows.map((row) => toOverview(row, byName.get(row.name) ?? []));
    },
    async certificate(name) {
      const row = await certificates().where('c.name', '=', name).executeTakeFirst();
      return row && toOverview(row, await granted().where('g.certificate', '=', name).execute());
    },
    async deployments({ agent, certificate }, { after, limit }) {
      let query = granted().where('d.version', 'is not', null).limit(limit);
      if (agent !== undefined) query = query.where('a.name', '=', agent);
      if (certificate !== undefined) query = query.where('g.certificate', '=', certificate);
      if (after !== undefined) {
        query = query.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('a.name', 'g.certificate'), '>', tuple(after.agent, after.certificate)),
        );
      }
      return (await query.execute()).flatMap(reported);
    },
  };

  function toOverview(row: Row, grants: readonly GrantRow[]): CertificateOverview {
    return {
      certificate: toCertificate(row),
      version: shownVersion(row),
      issuance: shownIssuance(row),
      deployments: grants.flatMap(reported),
      agents: grants.map(({ agent }) => agentName.parse(agent)),
    };
  }

  function shownVersion(row: Row): ShownVersion | undefined {
    const { id, fingerprint, serial, issuer, authority, not_before, not_after, issued_at } = row;
    if (id === null || fingerprint === null || serial === null || issuer === null) return undefined;
    if (authority === null || not_before === null || not_after === null || issued_at === null) {
      return undefined;
    }
    return {
      ...{ id, fingerprint, serial, issuer, authority },
      certificate: certificateName.parse(row.name),
      notBefore: new Date(not_before),
      notAfter: new Date(not_after),
      issuedAt: new Date(issued_at),
      revoked: toRevocation(row),
    };
  }

  function shownIssuance(row: Row): Issuance | undefined {
    const { run: id, run_names: names, run_key_kind: key_kind, run_reuse_key: reuse_key } = row;
    const { run_authority: authority, stage, failures, run_created_at: created_at } = row;
    if (id === null || names === null || key_kind === null || reuse_key === null) return undefined;
    if (authority === null || stage === null || failures === null || created_at === null) {
      return undefined;
    }
    const { order_url, retry_at, retry_ordered } = row;
    return toIssuance({
      ...{ id, names, key_kind, reuse_key, authority, stage, failures, created_at },
      ...{ certificate: row.name, sealed_key: null, order_url, retry_at },
      retry_ordered: retry_ordered ?? 0,
    });
  }
}

function reported(grant: {
  readonly agent: string;
  readonly certificate: string;
  readonly version: string | null;
  readonly installed: number | null;
  readonly detail: string | null;
  readonly services: string | null;
  readonly reported_at: string | null;
}): readonly Deployment[] {
  const { agent, certificate, version, installed, detail, services, reported_at } = grant;
  if (version === null || installed === null || detail === null) return [];
  if (services === null || reported_at === null) return [];
  return [toDeployment({ agent, certificate, version, installed, detail, services, reported_at })];
}
