import { randomBytes } from 'node:crypto';
import type { Issued } from './issuer.js';
import { thumbprint, type Jwk } from './jws.js';
import { Refused } from './refusal.js';

/** What the authority remembers. All in memory: an authority that forgets is one that was started anew. */
export interface Account {
  readonly id: number;
  key: Jwk;
  /** Thumbprints of the keys before it. */
  readonly formerKeys: string[];
  status: 'valid' | 'deactivated';
  contact: readonly string[];
  /** What bound it to an external account (§7.3.4), as it came. */
  readonly binding: unknown;
}

export interface Authorization {
  readonly id: number;
  readonly account: number;
  /** Without `*.`. */
  readonly name: string;
  readonly wildcard: boolean;
  readonly token: string;
  status: 'pending' | 'valid' | 'invalid' | 'deactivated';
  /** Which challenge was answered. */
  answered: 'dns-01' | 'dns-persist-01' | undefined;
  problem: { readonly type: string; readonly detail: string } | undefined;
  expires: number;
}

export interface Order {
  readonly id: number;
  readonly account: number;
  readonly names: readonly string[];
  readonly profile: string;
  readonly replaces: string | undefined;
  readonly authorizations: readonly Authorization[];
  readonly expires: number;
  /** Looks that still find it `processing`. */
  processing: number;
  issued: Issued | undefined;
}

export interface Certificate {
  readonly order: Order;
  readonly issued: Issued;
  /** When. */
  revoked: number | undefined;
}

/** What is used again instead of made anew, as Boulder does (RFC 8555 §7.4 and §7.5 leave it open). */
export interface Reuse {
  /** A valid authorization serves later orders for so long. */
  readonly validMs: number;
  /** A pending authorization serves later orders, and an order that is not finalized is the answer to an equal one. */
  readonly pending: boolean;
}

const day = 86_400_000;
/** What nobody finishes is given up. */
const pendingMs = 7 * day;

export class Ledger {
  readonly accounts: Account[] = [];
  readonly orders: Order[] = [];
  readonly authorizations: Authorization[] = [];
  /** By the identifier of RFC 9773 §4.1. */
  readonly certificates = new Map<string, Certificate>();
  readonly #nonces = new Set<string>();

  nonce(): string {
    const nonce = randomBytes(12).toString('base64url');
    this.#nonces.add(nonce);
    return nonce;
  }

  /** §6.5: each once. */
  spend(nonce: string | undefined): boolean {
    return nonce !== undefined && this.#nonces.delete(nonce);
  }

  accountOf(key: Jwk): Account | undefined {
    const print = thumbprint(key);
    return this.accounts.find((account) => thumbprint(account.key) === print);
  }

  /** RFC 9773 §5: what was, or is about to be, replaced. */
  isReplaced(id: string, now: number): boolean {
    return this.orders.some((order) => order.replaces === id && statusOf(order, now) !== 'invalid');
  }

  /** How many certificates have a successor that says so. */
  get replacements(): number {
    const replaced = this.orders.flatMap(({ replaces, issued }) =>
      replaces === undefined || issued === undefined ? [] : [replaces],
    );
    return new Set(replaced).size;
  }

  /** An order that a new one would repeat. */
  equalOrder(
    account: Account,
    names: readonly string[],
    profile: string,
    now: number,
  ): Order | undefined {
    const wanted = names.toSorted().join();
    return this.orders.findLast(
      (order) =>
        order.account === account.id &&
        order.profile === profile &&
        order.names.toSorted().join() === wanted &&
        ['pending', 'ready'].includes(statusOf(order, now)),
    );
  }

  open(
    account: Account,
    names: readonly string[],
    rest: Pick<Order, 'profile' | 'replaces'>,
    when: { readonly now: number; readonly reuse: Reuse },
  ): Order {
    const order: Order = {
      id: this.orders.length,
      account: account.id,
      names,
      authorizations: names.map((name) => this.#authorization(account, name, when)),
      expires: when.now + pendingMs,
      processing: 0,
      issued: undefined,
      ...rest,
    };
    this.orders.push(order);
    return order;
  }

  #authorization(
    account: Account,
    asked: string,
    { now, reuse }: { readonly now: number; readonly reuse: Reuse },
  ): Authorization {
    const name = asked.replace(/^\*\./, '');
    const wildcard = asked !== name;
    const again = this.authorizations.findLast(
      (one) =>
        one.account === account.id &&
        one.name === name &&
        one.wildcard === wildcard &&
        one.expires > now &&
        (one.status === 'valid' || (one.status === 'pending' && reuse.pending)),
    );
    if (again !== undefined) return again;
    const authorization: Authorization = {
      id: this.authorizations.length,
      account: account.id,
      name,
      wildcard,
      token: randomBytes(16).toString('base64url'),
      status: 'pending',
      answered: undefined,
      problem: undefined,
      expires: now + pendingMs,
    };
    this.authorizations.push(authorization);
    return authorization;
  }
}

/** The thing of this number, if it is this account's. */
export function own<T extends { readonly account: number }>(
  things: readonly T[],
  id: string | undefined,
  account: Account,
): T {
  const thing = things[Number(id)];
  if (thing === undefined) throw new Refused(404, 'malformed', 'there is no such thing here');
  if (thing.account !== account.id)
    throw new Refused(403, 'unauthorized', "it is another account's");
  return thing;
}

export type OrderStatus = 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';

/** §7.1.6. */
export function statusOf(order: Order, now: number): OrderStatus {
  if (order.processing > 0) return 'processing';
  if (order.issued !== undefined) return 'valid';
  const statuses = order.authorizations.map(({ status }) => status);
  if (statuses.some((status) => status === 'invalid' || status === 'deactivated')) return 'invalid';
  if (order.expires <= now) return 'invalid';
  return statuses.every((status) => status === 'valid') ? 'ready' : 'pending';
}
