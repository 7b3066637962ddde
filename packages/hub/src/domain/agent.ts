import type { AgentName, CertificateName, ServiceResult } from '@sixhub/protocol';

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
  readonly grants: readonly CertificateName[];
}

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
}

/** Carries `since` over from the report before, where state and version are the same. */
export function mergeServices(
  results: readonly ServiceResult[],
  version: string,
  before: Deployment | undefined,
): readonly DeployedService[] {
  return results.map((result) => {
    const old = before?.services.find((service) => service.service === result.service);
    const same = before?.version === version && old?.state === result.state;
    return { ...result, since: same ? old.since : result.at };
  });
}
