import { agentName, certificateName, type CertificateName } from '@sixhub/protocol';
import { z } from 'zod';
import type { Deployment } from '../domain/agent.js';
import type { Holding, Want } from '../domain/holding.js';
import { toDeployment } from './agent-rows.js';
import type { Database } from './database.js';

export interface ReportedHolding extends Holding {
  readonly deployment: Deployment;
}

type Query = ReturnType<typeof granted>;
type Row = Awaited<ReturnType<Query['execute']>>[number];

/** Grants with their agents, and what these have told. */
function granted(db: Database) {
  return db
    .selectFrom('grants as g')
    .innerJoin('agents as a', 'a.id', 'g.agent_id')
    .leftJoin('deployments as d', (join) =>
      join.onRef('d.agent_id', '=', 'g.agent_id').onRef('d.certificate', '=', 'g.certificate'),
    )
    .innerJoin('wanted_versions as w', (join) =>
      join.onRef('w.agent_id', '=', 'g.agent_id').onRef('w.certificate', '=', 'g.certificate'),
    )
    .leftJoin('versions as v', 'v.id', 'w.version')
    .select(['g.certificate', 'g.granted_at', 'a.name as agent', 'a.status', 'a.status_at'])
    .select(['a.last_seen_at', 'a.silent', 'a.pushed', 'v.id as wanted', 'v.issued_at'])
    .select(['w.waits', 'w.given_at'])
    .select(['d.version', 'd.installed', 'd.detail', 'd.services', 'd.reported_at'])
    .orderBy('a.name')
    .orderBy('g.certificate');
}

/** Of agents that are not removed. */
export async function standingHoldings(
  db: Database,
  narrow: (query: Query) => Query,
): Promise<readonly Holding[]> {
  const rows = await narrow(granted(db).where('a.status', '!=', 'removed')).execute();
  return rows.map(toHolding);
}

/** Of removed agents that nobody of the same name has replaced, and whose version has not ended. */
export async function formerHoldings(
  db: Database,
  certificate: CertificateName,
  now: Date,
): Promise<readonly Holding[]> {
  const rows = await granted(db)
    .innerJoin('versions as installed', 'installed.id', 'd.version')
    .where('g.certificate', '=', certificate)
    .where('a.status', '=', 'removed')
    .where('installed.not_after', '>', now.toISOString())
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('agents as heir')
            .select('heir.id')
            .whereRef('heir.name', '=', 'a.name')
            .where('heir.status', '!=', 'removed'),
        ),
      ),
    )
    .execute();
  // One that was removed several times is one machine, as it was last.
  const machines = new Map(rows.toSorted(older).map((row) => [row.agent, row]));
  return [...machines.values()].map(toHolding);
}

function older(one: Row, other: Row): number {
  return (one.status_at ?? '') < (other.status_at ?? '') ? -1 : 1;
}

function wanted(db: Database) {
  return db
    .selectFrom('wants as w')
    .innerJoin('agents as a', 'a.id', 'w.agent_id')
    .leftJoin('grants as g', (join) =>
      join.onRef('g.agent_id', '=', 'w.agent_id').onRef('g.certificate', '=', 'w.certificate'),
    )
    .where('a.status', '=', 'active')
    .where('g.certificate', 'is', null)
    .select(['a.name as agent', 'w.service', 'w.certificate'])
    .orderBy('a.name')
    .orderBy('w.certificate')
    .orderBy('w.service');
}

type WantQuery = ReturnType<typeof wanted>;

/** What services name that their machine was not granted. */
export async function wants(
  db: Database,
  narrow: (query: WantQuery) => WantQuery,
): Promise<readonly Want[]> {
  return (await narrow(wanted(db)).execute()).map(({ agent, service, certificate }) => ({
    agent: agentName.parse(agent),
    service,
    certificate: certificateName.parse(certificate),
  }));
}

function toHolding(row: Row): Holding {
  const { agent, certificate, wanted: id, issued_at } = row;
  return {
    agent: {
      name: agentName.parse(agent),
      status: z.enum(['invited', 'active', 'removed']).parse(row.status),
      statusAt: date(row.status_at),
      lastSeenAt: date(row.last_seen_at),
      silent: row.silent === 1,
      pushed: row.pushed === 1,
    },
    certificate: certificateName.parse(certificate),
    grantedAt: date(row.granted_at),
    version: id === null || issued_at === null ? undefined : { id, issuedAt: new Date(issued_at) },
    waits: row.waits === 1,
    givenAt: date(row.given_at),
    deployment: reportOf(row),
  };
}

function reportOf({ agent, certificate, ...row }: Row): Deployment | undefined {
  const { version, installed, detail, services, reported_at } = row;
  if (version === null || installed === null || detail === null) return undefined;
  if (services === null || reported_at === null) return undefined;
  return toDeployment({ agent, certificate, version, installed, detail, services, reported_at });
}

function date(text: string | null): Date | undefined {
  return text === null ? undefined : new Date(text);
}
