import type { Generated, GeneratedAlways } from 'kysely';
import type { PushTables } from './push-schema.js';
import type { RolloutTables } from './rollout-schema.js';

/** The hub's tables. Times are ISO 8601 in UTC; lists and documents are JSON text; secrets are sealed by the vault. */
export interface Tables extends RolloutTables, PushTables {
  certificates: {
    name: string;
    names: string;
    key_kind: string;
    reuse_key: number;
    /** The agent that makes its keys, by name; null: the hub. */
    key_on: string | null;
    created_at: string;
    /** Its newest version and when that ends, and its latest issuance: kept by triggers. */
    version: Generated<string | null>;
    not_after: Generated<string | null>;
    /** When a quarter of the lifetime is left. */
    late_at: Generated<string | null>;
    issuance: Generated<string | null>;
  };
  versions: {
    id: string;
    certificate: string;
    fingerprint: string;
    serial: string;
    issuer: string;
    authority: string;
    not_before: string;
    not_after: string;
    issued_at: string;
    leaf: string;
    chain: string;
    /** Null where the key is on an agent. */
    sealed_key: Uint8Array | null;
    key_on: string | null;
    /** SHA-256 of its SubjectPublicKeyInfo, hexadecimal. */
    public_key: string;
    revoked_at: string | null;
    revoked_reason: string | null;
  };
  delegations: {
    domain: string;
    subdomain: string;
    target: string;
    created_at: string;
    /** What is known of it, as a document; null while no certificate in use needs it. */
    watch: Generated<string | null>;
    look_at: Generated<string | null>;
    /** 1 where the watch says so. */
    gone: Generated<number>;
    /** The watch's; the database reads it from there. */
    state: GeneratedAlways<string | null>;
  };
  issuances: {
    id: string;
    certificate: string;
    names: string;
    key_kind: string;
    reuse_key: number;
    authority: string;
    stage: string;
    order_url: string | null;
    sealed_key: Uint8Array | null;
    key_on: string | null;
    /** PKCS#10, PEM, and the SHA-256 of its public key, hexadecimal. */
    request: string | null;
    request_key: string | null;
    failures: number;
    retry_at: string | null;
    retry_ordered: number;
    created_at: string;
  };
  steps: {
    seq: Generated<number>;
    issuance: string;
    at: string;
    step: string;
  };
  authority_accounts: {
    directory: string;
    url: string | null;
    sealed_key: Uint8Array;
    /** While the key is being changed (RFC 8555 §7.3.5): the one that may be the account's by now. */
    sealed_next_key: Uint8Array | null;
    deactivated_at: string | null;
    /** Thumbprints (RFC 7638) of the keys before this one, newest first. */
    former_keys: string;
    created_at: string;
  };
  /** One row a certificate that has a version; a null plan: not planned yet. */
  renewals: {
    certificate: string;
    look_at: string;
    planned_at: string;
    plan: string | null;
  };
  /** What an authority's limits count: when each bucket is full again. */
  limit_buckets: {
    directory: string;
    kind: string;
    subject: string;
    full_at: string;
    /** When something was last taken from it. */
    taken_at: Generated<string>;
  };
  /** Orders whose certificate is counted before there is one. */
  open_orders: {
    url: string;
    names: string;
    at: string;
  };
  /** Marked in `versions`, and not revoked at the authority yet. */
  pending_revocations: {
    version: string;
    retry_at: string;
    failures: number;
    fact: string;
  };
  persist_offers: {
    directory: string;
    issuers: string;
    hash_prefix: string | null;
  };
  authority_holds: {
    directory: string;
    /** A certificate's name; empty: everything. */
    subject: string;
    since: string;
    until: string;
    failures: number;
    ordered: number;
    kind: string;
    fact: string;
  };
  agents: {
    id: string;
    name: string;
    status: string;
    created_at: string;
    last_seen_at: string | null;
    /** 1 where it has not been heard of for too long. */
    silent: Generated<number>;
    /** Since when it has its status; null where that was not written down yet. */
    status_at: Generated<string | null>;
    /** SHA-256 of the CA that it trusts and has its certificate from, by its last word; null where it never said. */
    ca: Generated<string | null>;
    /** As which machines it has shown itself: a document; null where it never said. */
    instances: Generated<string | null>;
    /** When an earlier one of them came back: first and last. */
    copied_since: Generated<string | null>;
    copied_at: Generated<string | null>;
    /** The version that its program is, and Node's, by its own word. */
    program: Generated<string | null>;
    node: Generated<string | null>;
    /** The program's place in the order of versions. */
    program_rank: Generated<number | null>;
    /** 1 where the hub brings it its certificates: it runs no agent. */
    pushed: Generated<number>;
    /** How the physical host is that it runs on, by its last word: a document; null where it is none. */
    host: Generated<string | null>;
  };
  grants: {
    agent_id: string;
    certificate: string;
    granted_at: Generated<string | null>;
  };
  /** Certificates that services of an agent's machine name and the hub does not give it, by its last word. */
  wants: {
    agent_id: string;
    service: string;
    certificate: string;
  };
  /** Whose manifests changed, in that order; written by triggers alone. */
  manifest_changes: {
    seq: Generated<number>;
    certificate: string | null;
    agent_id: string | null;
  };
  join_tokens: {
    /** SHA-256 of the secret, hexadecimal. */
    hash: string;
    agent_id: string;
    expires_at: string;
    /** SHA-256 of the public key that used it. */
    used_by: string | null;
  };
  deployments: {
    agent_id: string;
    certificate: string;
    version: string;
    installed: number;
    detail: string;
    services: string;
    reported_at: string;
    /** 1 where it is not installed or a service does not serve it; the database computes it. */
    failed: GeneratedAlways<number>;
  };
  api_tokens: {
    name: string;
    hash: string;
    scope: string;
    created_at: string;
    expires_at: string | null;
    last_used_at: Generated<string | null>;
  };
  /** What happened, for who follows; written by triggers alone. */
  events: {
    seq: Generated<number>;
    at: string;
    kind: string;
    object: string;
    /** A document. */
    detail: string;
  };
  /** Requests with an Idempotency-Key, and what they were answered; no status: not answered yet. */
  idempotency_keys: {
    actor: string;
    key: string;
    /** SHA-256 of method, path and body. */
    request: string;
    at: string;
    status: number | null;
    body: string | null;
  };
  /** One row an alert that stands, or was over a short while ago: a document. */
  alerts: {
    id: string;
    known: string;
    silenced_until: string | null;
  };
  /** Messages as they were made. */
  notices: {
    id: string;
    at: string;
    groups: string;
  };
  /** A message on its way through a channel of hub.toml. */
  deliveries: {
    notice: string;
    channel: string;
    attempts: Generated<number>;
    /** Null: sent, or given up. */
    next_at: string | null;
    sent_at: string | null;
    error: string | null;
  };
  /** Terms of service as the authority's directory names them, and as they were when we agreed. */
  authority_terms: {
    directory: string;
    agreed: string | null;
    present: string | null;
    changed_at: string;
    look_at: string;
  };
  audit: {
    seq: number;
    at: string;
    actor: string;
    action: string;
    object: string;
    detail: string;
    /** SHA-256 over the entry and the hash before it. */
    hash: string;
  };
  /** CAs of before whose client certificates still count, for agents that slept through the change. */
  former_cas: {
    certificate: string;
    until: string;
  };
  /** One row a name: the CA's certificate and sealed key. */
  secrets: {
    name: string;
    public_part: string;
    sealed: Uint8Array;
  };
}
