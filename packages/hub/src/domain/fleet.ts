import type { CertificateName } from '@sixhub/protocol';
import type { Agent } from './agent.js';

/** Which of many agents are asked for; what is left out is not asked. */
export interface FleetFilter {
  readonly status?: 'invited' | 'active' | undefined;
  readonly silent?: boolean | undefined;
  readonly behind?: boolean | undefined;
  readonly needsPerson?: boolean | undefined;
  /** That may have this one. */
  readonly certificate?: CertificateName | undefined;
  /** Whose program is of this version. */
  readonly version?: string | undefined;
  /** Whose program is of a version before; those that do not tell are. */
  readonly olderThan?: string | undefined;
  /** With `*` and `?`. */
  readonly name?: string | undefined;
}

export interface FleetAgent extends Agent {
  /** Enrolled, not silent, and a certificate is not as it should be: another version, or not served. */
  readonly behind: boolean;
  /** As standing.ts has it. */
  readonly needsPerson: boolean;
}

/** Each agent is one of well, behind, silent and invited. */
export interface FleetSummary {
  readonly agents: number;
  readonly well: number;
  readonly behind: number;
  readonly silent: number;
  readonly invited: number;
  readonly needsPerson: number;
  /** Of enrolled agents, the newest first; null: has not told. */
  readonly versions: readonly { readonly version: string | null; readonly agents: number }[];
}
