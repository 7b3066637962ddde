import type { Course, Reply } from './course.js';
import { statusOf, type Account, type Authorization, type Order } from './ledger.js';

/** RFC 8555 §7.1.2 to §7.1.5: the objects as documents. */
export function showAccount(account: Account, { origin }: Course, status: number): Reply {
  return {
    status,
    headers: { Location: `${origin}/account/${account.id}` },
    body: { status: account.status, contact: account.contact, orders: `${origin}/orders` },
  };
}

export function showOrder(order: Order, { origin }: Course, code: number): Reply {
  const status = statusOf(order);
  return {
    status: code,
    headers: {
      Location: `${origin}/order/${order.id}`,
      ...(status === 'processing' ? { 'Retry-After': '1' } : {}),
    },
    body: {
      status,
      identifiers: order.names.map((value) => ({ type: 'dns', value })),
      authorizations: order.authorizations.map(({ id }) => `${origin}/authorization/${id}`),
      finalize: `${origin}/finalize/${order.id}`,
      ...(order.replaces === undefined ? {} : { replaces: order.replaces }),
      ...(status === 'valid' ? { certificate: `${origin}/certificate/${order.id}` } : {}),
    },
  };
}

export function showAuthorization(authorization: Authorization, course: Course): object {
  return {
    identifier: { type: 'dns', value: authorization.name },
    status: authorization.status,
    ...(authorization.wildcard ? { wildcard: true } : {}),
    challenges: [showChallenge(authorization, course)],
  };
}

export function showChallenge(
  { id, status, token, problem }: Authorization,
  { origin }: Course,
): object {
  return {
    type: 'dns-01',
    url: `${origin}/challenge/${id}`,
    status,
    token,
    ...(problem === undefined
      ? {}
      : { error: { type: `urn:ietf:params:acme:error:${problem.type}`, detail: problem.detail } }),
  };
}
