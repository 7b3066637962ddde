import { agentName, certificateName, serviceResult, serviceState } from '@sixhub/protocol';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { Agent, Deployment } from '../domain/agent.js';
import { toHost } from './described-hosts.js';
import { toPresence } from './presences.js';
import type { Tables } from './schema.js';

const agentStatus = z.enum(['invited', 'active', 'removed']);

const deployedServices = z.array(
  serviceResult.extend({
    since: z.iso.datetime(),
    lastError: z.object({ was: serviceState, detail: z.string(), at: z.iso.datetime() }).optional(),
  }),
);

export function toAgent(
  row: Selectable<Tables['agents']>,
  grants: readonly { readonly certificate: string }[],
): Agent {
  return {
    id: row.id,
    name: agentName.parse(row.name),
    status: agentStatus.parse(row.status),
    createdAt: new Date(row.created_at),
    statusAt: row.status_at === null ? undefined : new Date(row.status_at),
    lastSeenAt: row.last_seen_at === null ? undefined : new Date(row.last_seen_at),
    silent: row.silent === 1,
    program:
      row.program === null ? undefined : { version: row.program, node: row.node ?? undefined },
    pushed: row.pushed === 1,
    grants: grants.map(({ certificate }) => certificateName.parse(certificate)),
    ca: row.ca ?? undefined,
    presence: toPresence(row),
    host: toHost(row.host),
  };
}

export function toDeployment(
  row: Omit<Selectable<Tables['deployments']>, 'agent_id' | 'failed'> & { agent: string },
): Deployment {
  return {
    agent: agentName.parse(row.agent),
    certificate: certificateName.parse(row.certificate),
    version: row.version,
    installed: row.installed === 1,
    detail: row.detail,
    services: deployedServices.parse(JSON.parse(row.services)),
    reportedAt: new Date(row.reported_at),
  };
}
