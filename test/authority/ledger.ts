import { randomBytes } from 'node:crypto';
import type { Issued } from './issuer.js';
import type { Jwk } from './jws.js';
import { Refused } from './refusal.js';

/** What the authority remembers. All in memory: an authority that forgets is one that was started anew. */
export interface Account {
  readonly id: number;
  key: Jwk;
  status: 'valid' | 'deactivated';
  contact: readonly string[];
}

export interface Authorization {
  readonly id: number;
  readonly account: number;
  /** Without `*.`. */
  readonly name: string;
  readonly wildcard: boolean;
  readonly token: string;
  status: 'pending' | 'valid' | 'invalid';
  problem: { readonly type: string; readonly detail: string } | undefined;
}

export interface Order {
  readonly id: number;
  readonly account: number;
  readonly names: readonly string[];
  readonly profile: string;
  readonly replaces: string | undefined;
  readonly authorizations: readonly Authorization[];
  /** Looks that still find it `processing`. */
  processing: number;
  issued: Issued | undefined;
}

export class Ledger {
  readonly accounts: Account[] = [];
  readonly orders: Order[] = [];
  readonly authorizations: Authorization[] = [];
  readonly certificates = new Map<string, { readonly order: Order; revoked: number | undefined }>();
  /** Identifiers of certificates that an order has replaced. */
  readonly replaced = new Set<string>();
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

  open(
    account: Account,
    names: readonly string[],
    rest: Pick<Order, 'profile' | 'replaces'>,
  ): Order {
    const authorizations = names.map((name): Authorization => {
      const authorization: Authorization = {
        id: this.authorizations.length,
        account: account.id,
        name: name.replace(/^\*\./, ''),
        wildcard: name.startsWith('*.'),
        token: randomBytes(16).toString('base64url'),
        status: 'pending',
        problem: undefined,
      };
      this.authorizations.push(authorization);
      return authorization;
    });
    const id = this.orders.length;
    const opened = {
      id,
      account: account.id,
      names,
      authorizations,
      processing: 0,
      issued: undefined,
    };
    const order: Order = { ...opened, ...rest };
    this.orders.push(order);
    return order;
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

/** §7.1.6. */
export function statusOf(order: Order): 'pending' | 'ready' | 'processing' | 'valid' | 'invalid' {
  if (order.authorizations.some(({ status }) => status === 'invalid')) return 'invalid';
  if (order.processing > 0) return 'processing';
  if (order.issued !== undefined) return 'valid';
  return order.authorizations.every(({ status }) => status === 'valid') ? 'ready' : 'pending';
}
