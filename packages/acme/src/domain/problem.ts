/**
 * What can go wrong between us and an authority, as kinds that a planner can decide on.
 * RFC 8555 §6.7 names the error types; 429 and 503 without a type are told apart by status,
 * since authorities' front ends answer them without a problem document.
 */

export type ProblemKind =
  /** No connection, no TLS, no answer in time, or an answer that is not ACME. */
  | 'unreachable'
  /** 429, or `rateLimited`: asked too often. `retryAfterMs` says when again. */
  | 'rate-limited'
  /** 5xx or `serverInternal`: the authority has trouble of its own. */
  | 'busy'
  | 'bad-nonce'
  | 'order-not-ready'
  /** RFC 9773 §7.4: the certificate named in `replaces` was replaced before. */
  | 'already-replaced'
  | 'already-revoked'
  | 'invalid-profile'
  /** A CAA record forbids this authority (RFC 8659). */
  | 'caa'
  /** The authority's resolvers could not look up the challenge record. */
  | 'dns'
  /** The authority could not connect for validation. */
  | 'connection'
  /** The challenge record did not have the value, or the account may not do this. */
  | 'unauthorized'
  /** The authority will not issue for this name at all. */
  | 'rejected-identifier'
  | 'bad-csr'
  | 'account-unknown'
  /** By us; only a person makes a new one. */
  | 'account-deactivated'
  | 'external-account-required'
  /** New terms of service to agree to, most often. */
  | 'user-action-required'
  /** It issued something else than what was asked for. */
  | 'wrong-certificate'
  | 'malformed'
  | 'other';

const kinds: Readonly<Record<string, ProblemKind>> = {
  accountDoesNotExist: 'account-unknown',
  alreadyReplaced: 'already-replaced',
  alreadyRevoked: 'already-revoked',
  badCSR: 'bad-csr',
  badNonce: 'bad-nonce',
  badPublicKey: 'bad-csr',
  caa: 'caa',
  connection: 'connection',
  dns: 'dns',
  externalAccountRequired: 'external-account-required',
  incorrectResponse: 'unauthorized',
  invalidProfile: 'invalid-profile',
  malformed: 'malformed',
  orderNotReady: 'order-not-ready',
  rateLimited: 'rate-limited',
  rejectedIdentifier: 'rejected-identifier',
  serverInternal: 'busy',
  tls: 'connection',
  unauthorized: 'unauthorized',
  unsupportedIdentifier: 'rejected-identifier',
  userActionRequired: 'user-action-required',
};

const urnPrefix = 'urn:ietf:params:acme:error:';

export function problemKind(type: string | undefined, status: number | undefined): ProblemKind {
  const named = type?.startsWith(urnPrefix) ? kinds[type.slice(urnPrefix.length)] : undefined;
  if (named !== undefined) return named;
  if (status === 429) return 'rate-limited';
  if (status !== undefined && status >= 500) return 'busy';
  return 'other';
}

/** One name's share of a compound problem (RFC 8555 §6.7.1). */
export interface SubProblem {
  readonly name: string;
  readonly kind: ProblemKind;
  readonly detail: string;
}

export interface ProblemFacts {
  readonly kind: ProblemKind;
  /** Host of the directory: `acme-v02.api.letsencrypt.org`. */
  readonly authority: string;
  /** The authority's own words, or the system's for `unreachable`. */
  readonly detail: string;
  readonly status?: number;
  /** From `Retry-After`; the caller must not come back before. */
  readonly retryAfterMs?: number;
  readonly subProblems?: readonly SubProblem[];
  readonly cause?: unknown;
}

/** An authority said no, or said nothing. */
export class AuthorityProblem extends Error {
  override readonly name = 'AuthorityProblem';
  readonly kind: ProblemKind;
  readonly authority: string;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly subProblems: readonly SubProblem[];

  constructor(facts: ProblemFacts) {
    super(facts.detail, { cause: facts.cause });
    this.kind = facts.kind;
    this.authority = facts.authority;
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
    this.subProblems = facts.subProblems ?? [];
  }

  get detail(): string {
    return this.message;
  }
}
