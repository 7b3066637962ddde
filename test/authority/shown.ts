import type { Pointer } from './conduct.js';
import type { Course, Reply } from './course.js';
import type { SignedRequest } from './jws.js';
import { statusOf, type Account, type Authorization, type Order } from './ledger.js';
import { problemDocument, Refused } from './refusal.js';

/** RFC 8555 §7.1.2 to §7.1.5: the objects as documents. */
export function showAccount(account: Account, course: Course, status: number): Reply {
  return {
    status,
    headers: { Location: pointTo('account', `account/${account.id}`, course) },
    body: {
      status: account.status,
      contact: account.contact,
      orders: `${course.origin}/orders`,
      ...(account.binding === undefined ? {} : { externalAccountBinding: account.binding }),
    },
  };
}

export function accountUrl({ id }: Account, { origin }: Course): string {
  return `${origin}/account/${id}`;
}

export function showOrder(order: Order, course: Course, code: number): Reply {
  const status = statusOf(order, course.now());
  const { id } = order;
  return {
    status: code,
    headers: {
      Location: pointTo('order', `order/${id}`, course),
      ...(status === 'processing' ? { 'Retry-After': '1' } : {}),
    },
    body: {
      status,
      expires: new Date(order.expires).toISOString(),
      identifiers: order.names.map((value) => ({ type: 'dns', value })),
      authorizations: order.authorizations.map((one) =>
        pointTo('authorization', `authorization/${one.id}`, course),
      ),
      finalize: pointTo('finalize', `finalize/${id}`, course),
      ...(order.replaces === undefined ? {} : { replaces: order.replaces }),
      ...(status === 'valid'
        ? { certificate: pointTo('certificate', `certificate/${id}`, course) }
        : {}),
    },
  };
}

export function showAuthorization(authorization: Authorization, course: Course): object {
  return {
    identifier: { type: 'dns', value: authorization.name },
    status: authorization.status,
    expires: new Date(authorization.expires).toISOString(),
    ...(authorization.wildcard ? { wildcard: true } : {}),
    challenges: [
      showChallenge(authorization, 'dns-01', course),
      ...(course.rules.dnsPersist === undefined
        ? []
        : [showChallenge(authorization, 'dns-persist-01', course)]),
    ],
  };
}

export type ChallengeType = 'dns-01' | 'dns-persist-01';

export function showChallenge(
  { id, status, answered, token, problem }: Authorization,
  type: ChallengeType,
  course: Course,
): object {
  const mine = answered === undefined ? type === 'dns-01' : answered === type;
  const shown = status === 'deactivated' ? 'invalid' : status;
  const path = type === 'dns-01' ? `challenge/${id}` : `challenge/${id}/persist`;
  return {
    type,
    url: pointTo('challenge', path, course),
    status: mine ? shown : 'pending',
    ...(type === 'dns-01' ? { token } : issuerNames(course.rules)),
    ...(problem === undefined || !mine
      ? {}
      : { error: problemDocument(problem.type, problem.detail) }),
  };
}

/** The draft's version 02 gave the field another name. */
function issuerNames({ dnsPersist }: Course['rules']): object {
  return dnsPersist?.draft === 1
    ? { 'issuer-domain-names': dnsPersist.issuers }
    : { issuerDomainNames: dnsPersist?.issuers };
}

/** Where a document points, which a test may have be another host. */
export function pointTo(what: Pointer, path: string, { origin, conduct }: Course): string {
  return `${conduct.elsewhere.get(what) ?? origin}/${path}`;
}

/** §6.3. */
export function mustBeEmpty({ payload }: SignedRequest): void {
  if (payload !== undefined) {
    throw new Refused(400, 'malformed', 'a POST-as-GET has an empty payload');
  }
}
