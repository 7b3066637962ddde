import {
  certificateName,
  serviceState,
  type AgentName,
  type CertificateName,
} from '@sixhub/protocol';
import { formerHoldings, standingHoldings, wants, type ReportedHolding } from './holdings.js';
import type { Holding, Want } from '../domain/holding.js';
import type { Certificate, Version } from '../domain/certificate.js';
import type { Issuance } from '../domain/issuance.js';
import type { Rollout } from '../domain/rollout.js';
import { toCertificate, toRevocation } from './certificates.js';
import type { Database } from './database.js';
import { toIssuance } from './issuances.js';
import { grouped } from './grouped.js';
import { toRollout } from './rollouts.js';
import type { Page } from './page.js';
import { readAgent } from './read-columns.js';

/** A version without its PEM. */
export type ShownVersion = Omit<Version, 'leaf' | 'chain'>;

/** All that is known of a certificate. */
export interface CertificateOverview {
  readonly certificate: Certificate;
  /** The newest. */
  readonly version: ShownVersion | undefined;
  /** The latest. */
  readonly issuance: Issuance | undefined;
  /** Of the newest version, where that is not with all agents yet. */
  readonly rollout: Rollout | undefined;
  /** One an agent with a grant; of a single certificate, also those of removed agents that have it still. */
  readonly holdings: readonly Holding[];
  /** Of agents without a grant. */
  readonly wants: readonly Want[];
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

export const deploymentStates = [...serviceState.options, 'not-installed'] as const;
export type DeploymentState = (typeof deploymentStates)[number];

export interface DeploymentFilter {
  readonly agent?: AgentName | undefined;
  readonly certificate?: CertificateName | undefined;
  /** Where a service is in this state. */
  readonly state?: DeploymentState | undefined;
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
  certificate(name: CertificateName, now: Date): Promise<CertificateOverview | undefined>;
  /** What an agent may have and what its services name without a grant. */
  ofAgent(name: AgentName): Promise<Pick<CertificateOverview, 'holdings' | 'wants'>>;
  /** By agent, then certificate; those of grants that stand. */
  deployments(
    filter: DeploymentFilter,
    page: Page<DeploymentPlace>,
  ): Promise<readonly ReportedHolding[]>;
}

const stages = { running: ['delegation', 'order'], failed: ['failed'] } as const;

export function overviewStore(db: Database): Overview {
  const certificates = () =>
    db
      .selectFrom('certificates as c')
      .leftJoin('versions as v', 'v.id', 'c.version')
      .leftJoin('issuances as i', 'i.id', 'c.issuance')
      .leftJoin('rollouts as r', (join) =>
        join.onRef('r.version', '=', 'c.version').on('r.state', '!=', 'done'),
      )
      .select(['c.name', 'c.names', 'c.key_kind', 'c.reuse_key', 'c.key_on', 'c.created_at'])
      .select(['v.id', 'v.fingerprint', 'v.serial', 'v.issuer', 'v.authority', 'v.not_before'])
      .select(['v.not_after', 'v.issued_at', 'v.revoked_at', 'v.revoked_reason'])
      .select(['v.key_on as version_key_on', 'i.key_on as run_key_on', 'i.request'])
      .select(['i.id as run', 'i.names as run_names', 'i.key_kind as run_key_kind'])
      .select(['i.reuse_key as run_reuse_key', 'i.authority as run_authority', 'i.stage'])
      .select(['i.order_url', 'i.failures', 'i.retry_at', 'i.retry_ordered'])
      .select(['i.created_at as run_created_at', 'r.base', 'r.plan', 'r.state as rollout_state'])
      .select(['r.because', 'r.place', 'r.batch', 'r.started_at', 'r.changed_at']);

  type Row = Awaited<ReturnType<ReturnType<typeof certificates>['execute']>>[number];

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
      if (names.length === 0) return [];
      const held = await standingHoldings(db, (query) => query.where('g.certificate', 'in', names));
      const wanted = await wants(db, (query) => query.where('w.certificate', 'in', names));
      const heldByName = grouped(held, ({ certificate }) => certificate);
      const wantedByName = grouped(wanted, ({ certificate }) => certificate);
      return rows.map((row) =>
        toOverview(row, {
          holdings: heldByName.get(row.name) ?? [],
          wants: wantedByName.get(row.name) ?? [],
        }),
      );
    },
    async certificate(name, now) {
      const row = await certificates().where('c.name', '=', name).executeTakeFirst();
      if (row === undefined) return undefined;
      const present = await standingHoldings(db, (query) =>
        query.where('g.certificate', '=', name),
      );
      const former = await formerHoldings(db, name, now);
      return toOverview(row, {
        holdings: [...present, ...former],
        wants: await wants(db, (query) => query.where('w.certificate', '=', name)),
      });
    },
    async ofAgent(name) {
      return {
        holdings: await standingHoldings(db, (query) => query.where('a.name', '=', name)),
        wants: await wants(db, (query) => query.where('a.name', '=', name)),
      };
    },
    async deployments({ agent, certificate, state }, { after, limit }) {
      const rows = await standingHoldings(db, (all) => {
        let query = all.where('d.version', 'is not', null).limit(limit);
        if (agent !== undefined) query = query.where('a.name', '=', agent);
        if (certificate !== undefined) query = query.where('g.certificate', '=', certificate);
        if (state === 'not-installed') {
          query = query.where('d.failed', '=', 1).where('d.installed', '=', 0);
        } else if (state !== undefined) {
          if (state !== 'serving') query = query.where('d.failed', '=', 1); // has an index
          // Written by this program alone; a text's own quotation marks are escaped.
          query = query.where(({ eb, fn, val }) =>
            eb(fn<number>('instr', ['d.services', val(`"state":"${state}"`)]), '>', 0),
          );
        }
        if (after !== undefined) {
          query = query.where(({ eb, refTuple, tuple }) =>
            eb(refTuple('a.name', 'g.certificate'), '>', tuple(after.agent, after.certificate)),
          );
        }
        return query;
      });
      return rows.flatMap(reported);
    },
  };

  function toOverview(
    row: Row,
    held: Pick<CertificateOverview, 'holdings' | 'wants'>,
  ): CertificateOverview {
    return {
      certificate: toCertificate(row),
      version: shownVersion(row),
      issuance: shownIssuance(row),
      rollout: shownRollout(row),
      ...held,
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
      keyOn: readAgent(row.version_key_on),
      revoked: toRevocation(row),
    };
  }

  function shownRollout(row: Row): Rollout | undefined {
    const {
      name: certificate,
      id: version,
      base,
      plan,
      rollout_state: state,
      because,
      batch,
    } = row;
    const { place, started_at, changed_at } = row;
    if (version === null || base === null || plan === null || state === null) return undefined;
    if (because === null || batch === null || started_at === null || changed_at === null) {
      return undefined;
    }
    return toRollout({
      ...{ certificate, version, base, plan, state, because, place, batch },
      ...{ started_at, changed_at },
    });
  }

  function shownIssuance(row: Row): Issuance | undefined {
    const { run: id, run_names: names, run_key_kind: key_kind, run_reuse_key: reuse_key } = row;
    const { run_authority: authority, stage, failures, run_created_at: created_at } = row;
    if (id === null || names === null || key_kind === null || reuse_key === null) return undefined;
    if (authority === null || stage === null || failures === null || created_at === null) {
      return undefined;
    }
    const { order_url, retry_at, retry_ordered, run_key_on: key_on, request } = row;
    return toIssuance({
      ...{ id, names, key_kind, reuse_key, authority, stage, failures, created_at },
      ...{ certificate: row.name, sealed_key: null, order_url, retry_at, key_on, request },
      retry_ordered: retry_ordered ?? 0,
    });
  }
}

function reported(holding: Holding): readonly ReportedHolding[] {
  const { deployment } = holding;
  return deployment === undefined ? [] : [{ ...holding, deployment }];
}
