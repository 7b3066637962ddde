import type { Issued, Misissue } from './issuer.js';
import { Dead, Refused, type SubRefusal } from './refusal.js';

/** Where in RFC 8555's course a request stands. */
export const stages = [
  'directory',
  'nonce',
  'account',
  'new-order',
  'order',
  'authorization',
  'challenge',
  'finalize',
  'certificate',
  'renewal-info',
  'revoke',
  'key-change',
] as const;
export type Stage = (typeof stages)[number];

export type Trouble = {
  /** So many requests more meet it; unless said, all until it is taken away. */
  times?: number;
  /** Called with each of them. */
  readonly met?: () => void;
} & (
  | {
      readonly kind: 'dead';
      /** It did what it was asked for, and its answer is lost; unless said it did nothing. */
      readonly acted?: boolean;
    }
  /** Sent on to another host. */
  | { readonly kind: 'moved'; readonly to: string }
  /** A front end's page without a problem type. */
  | { readonly kind: 'busy'; readonly retryAfterMs?: number }
  | {
      readonly kind: 'problem';
      readonly status: number;
      readonly type: string;
      readonly detail: string;
      readonly retryAfterMs?: number;
    }
);

/** A name that it does not issue for, and when it says so. */
export interface RefusedName {
  readonly at: 'new-order' | 'challenge' | 'finalize';
  readonly type: string;
  readonly detail: string;
}

/** Renewal information as an authority that does not keep to RFC 9773 has it. */
export interface OddRenewalInfo {
  readonly text: string;
  readonly retryAfter?: string;
  /** 200 unless said. */
  readonly status?: number;
}

/** What its documents and headers point to. */
export const pointers = [
  'new-nonce',
  'new-account',
  'new-order',
  'revoke',
  'key-change',
  'renewal-info',
  'account',
  'order',
  'authorization',
  'challenge',
  'finalize',
  'certificate',
  'alternate',
] as const;
export type Pointer = (typeof pointers)[number];

/** Requests that were under way when the answer with Retry-After was given: nobody could have known. */
const inFlight = 24;
const inFlightMs = 1_000;

/**
 * How an authority behaves, changed while it runs, and a book of who did not keep to what it had said: a client that
 * comes back before its Retry-After.
 */
export class Conduct {
  readonly violations: string[] = [];
  /** Orders that met a limit, each with the words; a client that counts has none. */
  readonly limited: string[] = [];
  /** Trouble by stage; `all` for every request. */
  readonly trouble = new Map<Stage | 'all', Trouble>();
  /** 1,152 failures in a row pause a name until a person un-pauses it. */
  readonly paused = new Set<string>();
  /** By name, without `*.`. */
  readonly refused = new Map<string, RefusedName>();
  /** Percent of good nonces that are refused. */
  rejectNonces = 0;
  /** How often an order is still `processing` after finalize. */
  slowFinalize = 0;
  misissue: Misissue | undefined;
  /** Given, what it answers for a certificate instead of the usual window. */
  renewalInfo: ((issued: Pick<Issued, 'notBefore' | 'notAfter'>) => OddRenewalInfo) | undefined;
  /** Documents point there instead of to itself: `https://host:port` by what is pointed to. */
  readonly elsewhere = new Map<Pointer, string>();
  /** Path of its terms of service. */
  terms = '/terms';
  /** How far its clock, by its Date header, is from its time. */
  clockAheadMs = 0;
  readonly #ordered = new Map<
    string,
    { readonly at: number; readonly until: number; late: number }
  >();

  /** Throws the trouble that a request of this stage meets; true: it is to be done, and the answer lost. */
  meet(stage: Stage, now: number): boolean {
    for (const about of [stage, 'all']) this.asked(about, now);
    const place = this.trouble.has(stage) ? stage : 'all';
    const trouble = this.trouble.get(place);
    if (trouble === undefined) return false;
    if (trouble.times !== undefined) {
      trouble.times -= 1;
      if (trouble.times <= 0) this.trouble.delete(place);
    }
    trouble.met?.();
    switch (trouble.kind) {
      case 'dead':
        if (trouble.acted === true) return true;
        throw new Dead();
      case 'moved':
        throw new Refused(307, undefined, '', { headers: { Location: trouble.to } });
      case 'busy':
        throw this.#later(
          place,
          trouble.retryAfterMs,
          now,
          new Refused(503, undefined, '', trouble),
        );
      case 'problem': {
        const { status, type, detail, retryAfterMs } = trouble;
        throw this.#later(place, retryAfterMs, now, new Refused(status, type, detail, trouble));
      }
      default:
        return trouble satisfies never;
    }
  }

  #later(about: string, afterMs: number | undefined, now: number, refused: Refused): Refused {
    if (afterMs !== undefined) this.ordered(about, now + afterMs, now);
    return refused;
  }

  /** The client was told not to ask for this before `until`. */
  ordered(about: string, until: number, now: number): void {
    this.#ordered.set(about, { at: now, until, late: 0 });
  }

  asked(about: string, now: number): void {
    const order = this.#ordered.get(about);
    if (order === undefined || now >= order.until) return;
    if (now - order.at < inFlightMs) order.late += 1;
    if (now - order.at < inFlightMs && order.late <= inFlight) return;
    this.violations.push(`${about} asked ${order.until - now} ms before its Retry-After`);
  }

  /** §6.7.1: throws where it does not issue for one of the names, with one sub-problem a name. */
  refuseNames(names: readonly string[], at: 'new-order' | 'finalize'): void {
    const bare = [...new Set(names.map((name) => name.replace(/^\*\./, '')))];
    const subproblems = bare.flatMap((name): readonly SubRefusal[] => {
      const refused = this.refused.get(name);
      return refused?.at === at ? [{ name, type: refused.type, detail: refused.detail }] : [];
    });
    const [first] = subproblems;
    if (first === undefined) return;
    const detail = `Cannot issue for ${subproblems.length} of ${bare.length} names; see the sub-problems`;
    throw new Refused(at === 'finalize' ? 403 : 400, first.type, detail, { subproblems });
  }
}
