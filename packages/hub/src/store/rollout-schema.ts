import type { Generated } from 'kysely';

/** How versions go out: migration 015. */
export interface RolloutTables {
  /** How a certificate's next version, and each one, goes out: a plan as JSON; `next` may be `at-once`. */
  rollout_policies: {
    certificate: string;
    always: string | null;
    next: string | null;
  };
  /** One row a version that does not go to all at once; begun by triggers. */
  rollouts: {
    version: string;
    certificate: string;
    /** The version that agents keep until it is their turn. */
    base: string;
    plan: string;
    state: string;
    because: string;
    /** Where it was stopped, a document. */
    place: string | null;
    batch: number;
    started_at: string;
    changed_at: string;
  };
  rollout_agents: {
    version: string;
    agent_id: string;
    /** Instead of the rollout's base. */
    keeps: string | null;
    batch: number | null;
    given_at: string | null;
    /** 1: it goes on although this one has not proven it. */
    accepted: Generated<number>;
  };
  /** A view: the version that each agent should have, of each of its grants. */
  wanted_versions: {
    agent_id: string;
    certificate: string;
    version: string | null;
    /** 1: there is a newer one, and it is not this agent's turn. */
    waits: number;
    given_at: string | null;
  };
}
