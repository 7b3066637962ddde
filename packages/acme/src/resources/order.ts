import type { ProblemKind } from '../domain/problem-kind.js';
import { AuthorityProblem } from '../domain/problem.js';
import { orderDocument, type DirectoryDocument, type Order } from '../http/documents.js';
import type { Exchange } from '../http/exchange.js';
import type { Account } from './account.js';

export interface NewOrder {
  readonly names: readonly string[];
  readonly profile?: string;
  /** `renewalInfoId` of the certificate that this one comes after. */
  readonly replaces?: string;
}

/** An order is refused so for what it says it replaces; without that it may be good. `unauthorized`: another account's. */
const notReplaceable: ReadonlySet<ProblemKind> = new Set([
  'already-replaced',
  'malformed',
  'unauthorized',
]);

/** RFC 8555 §7.4, with RFC 9773 §5 where the authority has renewal information. */
export async function newOrder(
  exchange: Exchange,
  account: Account,
  directory: DirectoryDocument,
  { replaces, ...request }: NewOrder,
): Promise<Order> {
  const offered = Object.keys(directory.meta.profiles);
  if (request.profile !== undefined && !offered.includes(request.profile)) {
    throw new AuthorityProblem({
      kind: 'invalid-profile',
      authority: exchange.host,
      detail: `it has no profile ${request.profile}; it offers ${offered.join(', ') || 'none'}`,
    });
  }
  const order = (wish: NewOrder): Promise<Order> =>
    create(exchange, account, directory.newOrder, wish);
  if (replaces === undefined || directory.renewalInfo === undefined) return order(request);
  try {
    return await order({ ...request, replaces });
  } catch (error) {
    if (!(error instanceof AuthorityProblem) || !notReplaceable.has(error.kind)) throw error;
    return order(request);
  }
}

async function create(
  exchange: Exchange,
  account: Account,
  url: string,
  { names, ...rest }: NewOrder,
): Promise<Order> {
  const identifiers = names.map((value) => ({ type: 'dns', value }));
  const reply = await account.post(exchange, url, { identifiers, ...rest });
  if (reply.location === undefined)
    throw exchange.malformed('it made an order and did not say where (RFC 8555 §7.4)');
  return exchange.parse(orderDocument, reply, { url: reply.location });
}

/** An order as it stands, and when the authority wants to be asked for it again. */
export interface OrderSeen {
  readonly order: Order;
  readonly retryAfterMs: number | undefined;
}

export async function readOrder(
  exchange: Exchange,
  account: Account,
  url: string,
): Promise<OrderSeen> {
  const reply = await account.post(exchange, url, undefined);
  return {
    order: exchange.parse(orderDocument, reply, { url }),
    retryAfterMs: reply.retryAfterMs,
  };
}

/** §7.4: the order comes back `processing`, with when to look at it, or `valid`. */
export async function finalizeOrder(
  exchange: Exchange,
  account: Account,
  order: Order,
  csrPem: string,
): Promise<OrderSeen> {
  const csr = Buffer.from(csrPem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  const reply = await account.post(exchange, order.finalize, { csr: csr.toString('base64url') });
  return {
    order: exchange.parse(orderDocument, reply, { url: order.url }),
    retryAfterMs: reply.retryAfterMs,
  };
}
