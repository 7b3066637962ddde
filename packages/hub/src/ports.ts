import type { AuthoritySession } from '@sixhub/acme';
import type { CaaSighting } from './domain/caa.js';
import type { Sightings } from './domain/delegation.js';
import type { DnsName } from './domain/dns-name.js';
import type { AuthorityRules } from './domain/limits.js';

/** The narrow interfaces that the hub's procedures need from outside, beside the store. */

/** The built-in acme-dns, as far as an issuance needs it. */
export interface ChallengeServer {
  createAccount(options?: { readonly note?: string }): Promise<{
    readonly subdomain: string;
    readonly fulldomain: string;
  }>;
  /** Durable and answered on the wire when it resolves; idempotent for a challenge. */
  publish(subdomain: string, value: string, challenge: string): Promise<void>;
  withdraw(subdomain: string, challenge: string): Promise<void>;
}

/** Looks a delegation up through the resolver and at the domain's own name servers. */
export interface DelegationLookup {
  /** `target`: where the CNAME should lead. */
  look(domain: DnsName, target: string, signal: AbortSignal): Promise<Sightings>;
}

/** Finds the CAA records that count for a domain (RFC 8659 §3). */
export interface CaaLookup {
  look(domain: DnsName, signal: AbortSignal): Promise<CaaSighting>;
}

/** Looks TXT records up through the resolver, as an authority's would. */
export interface TextLookup {
  texts(name: string, signal: AbortSignal): Promise<SeenTexts>;
}

export type SeenTexts =
  | { readonly kind: 'texts'; readonly texts: readonly string[] }
  | { readonly kind: 'untested'; readonly reason: string };

/** An authority of hub.toml, with its account. */
export interface Authority {
  readonly name: string;
  /** RFC 8555 §7.1.1; what is remembered about it is kept under this. */
  readonly directory: string;
  readonly profile: string | undefined;
  /** Common name of an issuer in the chain to choose where several are offered. */
  readonly preferredChain: string | undefined;
  /** Standing records are taken where it offers them (dns-persist-01). */
  readonly dnsPersist: boolean;
  readonly rules: AuthorityRules;
  /** PEM roots of `trust`; undefined where the system's are taken. */
  roots(): Promise<string | undefined>;
  /** A session whose account is registered. */
  open(signal: AbortSignal): Promise<AuthoritySession>;
  /** A session for what needs no account (RFC 8555 §7.6 by the certificate's key). */
  openWithoutAccount(signal: AbortSignal): Promise<AuthoritySession>;
  readonly account: AuthorityAccount;
}

export interface AccountIdentity {
  readonly url: string;
  readonly thumbprints: readonly string[];
}

/** Our account at an authority (RFC 8555 §7.3). */
export interface AuthorityAccount {
  /** A session of the account, which is registered at first use. */
  open(signal: AbortSignal): Promise<AuthoritySession>;
  /** Its URL, and the thumbprints of its keys, the present one first; registered first where it is not. */
  identity(signal: AbortSignal): Promise<AccountIdentity>;
  describe(): Promise<{
    /** Undefined: not registered yet. */
    readonly url: string | undefined;
    readonly keyAt: Date | undefined;
    readonly deactivatedAt: Date | undefined;
    /** A change of key was broken off; the next use settles it. */
    readonly changingKey: boolean;
    readonly contact: readonly string[];
  }>;
  /** §7.3.2: tells the authority the contact of hub.toml. */
  update(signal: AbortSignal): Promise<void>;
  /** §7.3.5. */
  rollover(signal: AbortSignal): Promise<void>;
  /** §7.3.6: for good; nothing is ordered there until it is registered anew. */
  deactivate(signal: AbortSignal): Promise<void>;
  /** A new key and a new account, in place of the one before, which stays as it is at the authority. */
  registerAnew(signal: AbortSignal): Promise<void>;
  /**
   * The account's key is known to somebody else: a new key, or, where the account is not ours any more, a new account
   * with a new key.
   */
  replaceKey(signal: AbortSignal): Promise<void>;
  /** The authority does not know the account any more: it is registered anew, with its key, at the next `open`. */
  forget(): Promise<void>;
}

/** Seals secrets for the store. `row` binds a ciphertext to its place: moved elsewhere, it does not open. */
export interface Vault {
  seal(row: string, secret: string): Uint8Array;
  unseal(row: string, sealed: Uint8Array): string;
}

export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
