import { agentName, certificateName, hostWord } from '@sixhub/protocol';
import { z } from 'zod';
import type { Agent } from '../domain/agent.js';
import { copyRemedy, isCopied, machinesOf } from '../domain/presence.js';
import { standingView } from './standing-view.js';

const time = z.iso.datetime();

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
    /** It runs no agent: the hub brings it what it may have. */
    pushed: z.boolean(),
    /** Two machines use its identity by turns; null where that was not seen. */
    copied: z
      .object({
        since: time,
        last: time,
        machines: z.array(z.object({ from: z.string(), since: time })),
        fix: z.string(),
      })
      .nullable(),
    /** Its program's version and Node's, by its own word; null where it has not told. */
    program: z.string().nullable(),
    node: z.string().nullable(),
    /** How the physical host is that it runs on, by hostcore's word; null where it runs on none. */
    host: hostWord.extend({ since: time }).nullable(),
    grants: z.array(certificateName),
    /** It lacks the version of a certificate that it should have, or a service does not serve it; only in lists. */
    behind: z.boolean().optional(),
    /** A person is needed on its machine; only in lists. */
    needsPerson: z.boolean().optional(),
    /** At each of its services; what is most pressing first; only with a single agent. */
    standings: z.array(standingView).optional(),
  })
  .meta({ id: 'Agent' });
export type AgentView = z.infer<typeof agentView>;

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
    pushed: agent.pushed,
    copied: viewCopied(agent, now),
    program: agent.program?.version ?? null,
    node: agent.program?.node ?? null,
    host: agent.host === undefined ? null : { ...agent.host },
    grants: [...agent.grants],
  };
}
