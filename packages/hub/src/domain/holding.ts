import type { AgentName, CertificateName } from '@sixhub/protocol';
import type { Agent, Deployment } from './agent.js';

/** A certificate that an agent may have, and what it has told of it. */
export interface Holding {
  readonly agent: Pick<Agent, 'name' | 'status' | 'statusAt' | 'lastSeenAt' | 'silent' | 'pushed'>;
  readonly certificate: CertificateName;
  readonly grantedAt: Date | undefined;
  /** That the agent should have: the newest, or, until its turn in a rollout, one before; undefined: none is issued. */
  readonly version: { readonly id: string; readonly issuedAt: Date } | undefined;
  /** There is a newer one, and it is not this agent's turn. */
  readonly waits: boolean;
  /** When it was its turn. */
  readonly givenAt: Date | undefined;
  /** Undefined before its first report. */
  readonly deployment: Deployment | undefined;
}

/** A certificate that a service on an agent's machine names, and the agent may not have. */
export interface Want {
  readonly agent: AgentName;
  readonly service: string;
  readonly certificate: CertificateName;
}
