import { Dead, Refused } from './refusal.js';

/** Where in RFC 8555's course a request stands. */
export type Stage =
  | 'directory'
  | 'nonce'
  | 'account'
  | 'new-order'
  | 'order'
  | 'authorization'
  | 'challenge'
  | 'finalize'
  | 'certificate'
  | 'renewal-info'
  | 'revoke'
  | 'key-change';

export type Trouble =
  /** No answer at all: the connection breaks. */
  | { readonly kind: 'dead' }
  /** A front end's page without a problem type. */
  | { readonly kind: 'busy'; readonly retryAfterMs?: number }
  | {
      readonly kind: 'problem';
      readonly status: number;
      readonly type: string;
      readonly detail: string;
    };

/** How what it issues is not what was asked for. */
export type Misissue =
  | 'other-key'
  | 'extra-name'
  | 'missing-name'
  | 'expired'
  | 'not-yet-valid'
  | 'broken-chain'
  | 'no-chain';

/** Renewal information as an authority that does not keep to RFC 9773 has it. */
export interface OddRenewalInfo {
  readonly text: string;
  readonly retryAfter?: string;
}

/**
 * How an authority behaves, changed while it runs, and a book of who did not keep to what it had said: a client that
 * comes back before its Retry-After, or makes more orders than the limit.
 */
export class Conduct {
  readonly violations: string[] = [];
  /** Trouble by stage; `all` for every request. */
  readonly trouble = new Map<Stage | 'all', Trouble>();
  /** 1,152 failures in a row pause a name until a person un-pauses it. */
  readonly paused = new Set<string>();
  /** Percent of good nonces that are refused. */
  rejectNonces = 0;
  /** How often an order is still `processing` after finalize. */
  slowFinalize = 0;
  misissue: Misissue | undefined;
  /** Given, what it answers for a certificate instead of the usual window. */
  renewalInfo:
    ((issued: { readonly notBefore: Date; readonly notAfter: Date }) => OddRenewalInfo) | undefined;
  readonly #notBefore = new Map<string, number>();
  readonly #orders: number[] = [];

  meet(stage: Stage, now: number): void {
    const asked = this.#notBefore.get(stage) ?? this.#notBefore.get('all');
    if (asked !== undefined && now < asked)
      this.violations.push(`${stage} asked before Retry-After`);
    const trouble = this.trouble.get(stage) ?? this.trouble.get('all');
    if (trouble === undefined) return;
    switch (trouble.kind) {
      case 'dead':
        throw new Dead();
      case 'busy':
        if (trouble.retryAfterMs !== undefined) {
          this.ordered(this.trouble.has(stage) ? stage : 'all', now + trouble.retryAfterMs);
        }
        throw new Refused(503, undefined, '', trouble.retryAfterMs);
      case 'problem':
        throw new Refused(trouble.status, trouble.type, trouble.detail);
      default:
        return trouble satisfies never;
    }
  }

  /** The client was told not to ask for this before. */
  ordered(about: string, notBefore: number): void {
    this.#notBefore.set(about, notBefore);
  }

  /** Counts an order; more than `count` in `withinMs` is refused with the time when the next fits. */
  countOrder(limit: { readonly count: number; readonly withinMs: number }, now: number): void {
    while ((this.#orders[0] ?? now) <= now - limit.withinMs) this.#orders.shift();
    const oldest = this.#orders[0];
    if (this.#orders.length >= limit.count && oldest !== undefined) {
      const retryAfterMs = oldest + limit.withinMs - now;
      this.violations.push('more new orders than the limit allows');
      this.ordered('new-order', now + retryAfterMs);
      throw new Refused(429, 'rateLimited', 'too many new orders from this account', retryAfterMs);
    }
    this.#orders.push(now);
  }

  asked(about: string, now: number): void {
    const notBefore = this.#notBefore.get(about);
    if (notBefore !== undefined && now < notBefore) {
      this.violations.push(`${about} asked ${notBefore - now} ms before its Retry-After`);
    }
  }
}
