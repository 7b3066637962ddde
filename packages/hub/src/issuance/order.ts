import {
  AuthorityProblem,
  renewalInfoId,
  type AuthoritySession,
  type Challenge,
  type Order,
  type ProblemKind,
} from '@sixhub/acme';
import type { Issuance, Step } from '../domain/issuance.js';
import type { Authority, CaaLookup } from '../ports.js';
import type { CertificateStore } from '../store/certificates.js';
import type { IssuanceStore } from '../store/issuances.js';
import { refuseForbidden } from './check-caa.js';
import type { Limits } from './limits.js';

/** An order at an authority, as the store and the limits know of it (RFC 8555 §7.1.3). */
export interface OrderContext {
  readonly certificates: CertificateStore;
  readonly issuances: IssuanceStore;
  readonly limits: Limits;
  readonly authority: Authority;
  readonly caa: CaaLookup;
  readonly signal: AbortSignal;
  tell(step: Step): Promise<void>;
}

/** An order that is asked for after so many failures, and is not answered although its authority is, never will be. */
const silences = 2;

/**
 * The order of an earlier attempt, unless the authority has forgotten it or given it up or is stuck with it, or it has a
 * key that is not ours any more.
 */
export async function knownOrder(
  issuance: Issuance,
  keyChanged: boolean,
  session: AuthoritySession,
  context: OrderContext,
): Promise<Order | undefined> {
  const { orderUrl: url } = issuance;
  if (url === undefined) return undefined;
  try {
    const order = await session.order(url);
    // §7.4: from `processing` on it has the request, and with it the key.
    const hasKey = order.status === 'processing' || order.status === 'valid';
    if (order.status !== 'invalid' && !(hasKey && keyChanged)) return order;
  } catch (error) {
    if (!(error instanceof AuthorityProblem)) throw error;
    const gone = error.status === 404 || error.status === 403 || error.kind === 'malformed';
    const stuck = error.kind === 'unreachable' && issuance.failures >= silences;
    if (!gone && !stuck) throw error;
    await session.lookUp(); // it throws where it is the account's key that has changed, or nothing answers there
  }
  await giveUp(url, issuance, context);
  return undefined;
}

/** §7.1.6: an order that is `invalid` stays so. The certificate that was counted for it does not come. */
export async function giveUp(
  url: string,
  { id }: Issuance,
  { authority, issuances, limits }: OrderContext,
): Promise<void> {
  await issuances.update(id, { orderUrl: undefined });
  await limits.orderCameToNothing(authority, url);
}

const foundHere: ReadonlySet<ProblemKind> = new Set([
  'unreachable',
  'wrong-certificate',
  'misconfigured',
]);

/** Whether the trouble was the order's end. Trouble of the authority as such says nothing about the order. */
export async function isDead(
  url: string,
  error: unknown,
  session: AuthoritySession,
): Promise<boolean> {
  if (!(error instanceof AuthorityProblem)) return false;
  // What came as an answer with a status, or did not come, is about a request; so is nothing that we found ourselves.
  if (error.status !== undefined || error.retryAfterMs !== undefined) return false;
  // §7.1.6: a name that could not be validated is the order's end, and not every authority says so of the order.
  if (error.subProblems.length > 0) return true;
  if (foundHere.has(error.kind)) return false;
  return session.order(url).then(
    ({ status }) => status === 'invalid',
    () => false, // the first error is the one to tell; the next try looks at the order again
  );
}

/**
 * §7.5.1. Refused as `malformed` where it was answered before and what the authority said to that was lost: then the
 * challenge is not pending any more, and the order tells what became of it.
 */
export async function respond(
  challenge: Challenge,
  order: Order,
  session: AuthoritySession,
): Promise<void> {
  try {
    await session.respond(challenge);
  } catch (error) {
    if (!(error instanceof AuthorityProblem) || error.kind !== 'malformed') throw error;
    const challenges = (await session.authorizations(order)).flatMap((one) => one.challenges);
    const now = challenges.find(({ url }) => url === challenge.url);
    if (now === undefined || now.status === 'pending') throw error;
  }
}

/** §7.4. An order that is not ready since it was finalized before, and the answer lost, goes on where it stands. */
export async function finalize(
  order: Order,
  csrPem: string,
  session: AuthoritySession,
): Promise<Order> {
  try {
    return await session.finalize(order, csrPem);
  } catch (error) {
    if (!(error instanceof AuthorityProblem) || error.kind !== 'order-not-ready') throw error;
    const now = await session.order(order.url);
    if (now.status === 'processing' || now.status === 'valid') return now;
    throw error;
  }
}

/** §7.5.1. Every validation that failed is one that the authority counts (§6.7: it may limit them). */
export async function validated(
  url: string,
  session: AuthoritySession,
  { authority, limits }: OrderContext,
): Promise<Order> {
  try {
    return await session.validated(url);
  } catch (error) {
    if (error instanceof AuthorityProblem && error.status === undefined) {
      const failed = error.subProblems.map(({ name }) => name);
      await limits.validationsFailed(authority, failed);
    }
    throw error;
  }
}

/** What it costs below the authority's limits is taken first, so that of several orders at once none is one too many. */
export async function newOrder(
  issuance: Issuance,
  session: AuthoritySession,
  context: OrderContext,
): Promise<Order> {
  const { authority, caa, certificates, issuances, limits, signal, tell } = context;
  const { names } = issuance;
  await refuseForbidden(names, authority, session, caa, signal);
  const replaces = await predecessor(issuance, authority, certificates);
  const free = authority.rules.replacementsAreFree && replaces !== undefined;
  if (!free && !(await limits.takeOrder(authority, names))) throw new LimitUsedUp(authority.name);
  let order: Order;
  try {
    order = await session.newOrder({
      names,
      ...(authority.profile === undefined ? {} : { profile: authority.profile }),
      ...(replaces === undefined ? {} : { replaces }),
    });
  } catch (error) {
    // Without an answer it may have been made.
    const refused = error instanceof AuthorityProblem && error.status !== undefined;
    if (!free && refused) await limits.orderRefused(authority, names);
    throw error;
  }
  const made = { url: order.url, names };
  if (!free) await limits.orderMade(authority, made);
  else if (order.replaces === undefined) await limits.orderCountsAfterAll(authority, made);
  await issuances.update(issuance.id, { orderUrl: order.url });
  await tell({ kind: 'ordered', authority: authority.name, names });
  return order;
}

/** By our own count no order fits at this moment; the authority was not asked. */
export class LimitUsedUp extends Error {
  override readonly name = 'LimitUsedUp';
}

/** RFC 9773 §5: what the new certificate comes after, at the authority that issued it. */
async function predecessor(
  { certificate }: Issuance,
  authority: Authority,
  certificates: CertificateStore,
): Promise<string | undefined> {
  const version = await certificates.newest(certificate);
  return version?.authority === authority.name ? renewalInfoId(version.leaf) : undefined;
}
