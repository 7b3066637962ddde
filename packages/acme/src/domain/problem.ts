import type { ProblemKind } from './problem-kind.js';

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
  /** The authority's own words, or ours where it said nothing that counts. */
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
