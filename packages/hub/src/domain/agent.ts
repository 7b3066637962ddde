import type {
  AgentName,
  CertificateName,
  HostWord,
  ServiceResult,
  ServiceState,
} from '@sixhub/protocol';
import type { Presence } from './presence.js';
import type { AgentProgram } from './agent-program.js';

/** A machine that may pull certificates. `id` is in its client certificate, so a name that is reused starts anew. */
export interface Agent {
  readonly id: string;
  readonly name: AgentName;
  readonly status: 'invited' | 'active' | 'removed';
  readonly createdAt: Date;
  /** Since when it has its status; undefined where that was before it was written down. */
  readonly statusAt: Date | undefined;
  readonly lastSeenAt: Date | undefined;
  /** Enrolled, and not heard of for too long. */
  readonly silent: boolean;
  /** Its own word; undefined where it has not told. */
  readonly program: AgentProgram | undefined;
  /** It runs no agent: the hub brings it what it may have. */
  readonly pushed: boolean;
  readonly grants: readonly CertificateName[];
  /** SHA-256 of the CA of this hub that it trusts, by its last word; undefined where it never said. */
  readonly ca?: string | undefined;
  /** As which machines it has shown itself; undefined where it never said. */
  readonly presence?: Presence | undefined;
  /** How the physical host is that it runs on; undefined where it runs on none that hostcore looks at. */
  readonly host?: DescribedHost | undefined;
}

export interface DescribedHost extends HostWord {
  /** When it was first seen to be in its state. */
  readonly since: string;
}

/** A host that is pushed to is visited once a day, by the hub itself. */
export const pushedVisitMs = 86_400_000;

/** A version on an agent, with one result a service. */
export interface Deployment {
  readonly agent: AgentName;
  readonly certificate: CertificateName;
  readonly version: string;
  readonly installed: boolean;
  readonly detail: string;
  readonly services: readonly DeployedService[];
  readonly reportedAt: Date;
}

export interface DeployedService extends ServiceResult {
  /** Since when the service has been in this state with this version. */
  readonly since: string;
  /** Of a service that serves: the last trouble before. */
  readonly lastError?: LastError | undefined;
}

export interface LastError {
  readonly was: ServiceState;
  /** The program's own words. */
  readonly detail: string;
  /** When it was seen last. */
  readonly at: string;
}

/** What is older is no hint any more. */
const lastErrorKeptMs = 30 * 86_400_000;

/** Carries over from the report before: `since` where state and version are the same, and the last trouble. */
export function mergeServices(
  results: readonly ServiceResult[],
  version: string,
  before: Deployment | undefined,
): readonly DeployedService[] {
  return results.map((result) => {
    const old = before?.services.find((service) => service.service === result.service);
    const same = before?.version === version && old?.state === result.state;
    const lastError = result.state === 'serving' ? troubleOf(old, result.at) : undefined;
    return {
      ...result,
      since: same ? old.since : result.at,
      ...(lastError === undefined ? {} : { lastError }),
    };
  });
}

function troubleOf(old: DeployedService | undefined, now: string): LastError | undefined {
  if (old === undefined) return undefined;
  const { state: was, detail, at } = old;
  const last = was === 'serving' ? old.lastError : { was, detail, at };
  if (last === undefined) return undefined;
  return Date.parse(now) - Date.parse(last.at) > lastErrorKeptMs ? undefined : last;
}
