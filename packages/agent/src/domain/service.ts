import type { CertificateName } from '@sixhub/protocol';
import type { Endpoint } from './endpoint.js';

/** The kinds of service that this agent knows; each has a row in services/kinds.ts, which the compiler completes. */
export const serviceKinds = ['apache'] as const;
export type ServiceKind = (typeof serviceKinds)[number];

/** A program and its arguments; never a line for a shell. */
export type Argv = readonly [string, ...string[]];

/** One service of this machine, as agent.toml names it. What the hub says can add nothing to it. */
export interface Service {
  /** Unique on this machine; the kind unless agent.toml says more. */
  readonly name: string;
  readonly kind: ServiceKind;
  readonly certificates: readonly CertificateName[];
  readonly connect: readonly Endpoint[];
  /** Sent as SNI; none means that none is sent. */
  readonly names: readonly string[];
  /** The service's own check of its configuration. */
  readonly check: Argv;
  /** Makes it read its certificates again. */
  readonly reload: Argv;
  /** As `reload`, and where a reload has killed the service, starts it: only used to bring the old version back. */
  readonly revive: Argv;
  /** How long after a reload it may still serve the version before. */
  readonly graceMs: number;
}
