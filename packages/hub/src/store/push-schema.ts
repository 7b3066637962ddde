/** Hosts without an agent: migration 017. */
export interface PushTables {
  /** Of agents that are pushed to: where that is, and what became of it. Its key is among the secrets. */
  push_targets: {
    agent_id: string;
    user: string;
    host: string;
    port: number;
    host_key: string;
    settings: string;
    due_at: string;
    /** Versions that were tried last, by certificate. */
    tried: string;
    failures: number;
    /** Why the last try did not do it; empty where it did. */
    fact: string;
    tried_at: string | null;
    /** Who has a vote in a push that is not ended, by certificate. */
    intents: string;
  };
}
