import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  AuthorityProblem,
  createCsr,
  createKey,
  keyKindOf,
  renewalInfoId,
  type AuthoritySession,
  type Order,
} from '@sixhub/acme';
import type { Clock } from '@sixhub/base';
import type { Version } from '../domain/certificate.js';
import { challengeDomain, parseDnsName } from '../domain/dns-name.js';
import type { Issuance, Step } from '../domain/issuance.js';
import type { Authority, CaaLookup, ChallengeServer } from '../ports.js';
import type { CertificateStore } from '../store/certificates.js';
import type { DelegationStore } from '../store/delegations.js';
import type { IssuanceStore } from '../store/issuances.js';
import { refuseForbidden } from './check-caa.js';
import type { Limits } from './limits.js';
import { readVersion } from './read-version.js';

export interface IssueContext {
  readonly certificates: CertificateStore;
  readonly issuances: IssuanceStore;
  readonly limits: Limits;
  readonly delegations: DelegationStore;
  readonly challengeServer: ChallengeServer;
  readonly authority: Authority;
  readonly caa: CaaLookup;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  tell(step: Step): Promise<void>;
}

/**
 * RFC 8555 §7.4, from the order to a stored version. What must survive a crash is stored first: the key before the
 * order, the order's address before anything is done with it. Run again, it goes on with that order wherever the
 * authority says it stands, so that no second one is made where the first can be finished.
 */
export async function issue(issuance: Issuance, context: IssueContext): Promise<Version> {
  using session = await context.authority.open(context.signal);
  const key = await certificateKey(issuance, context);
  let order =
    (await knownOrder(issuance, session, context)) ?? (await newOrder(issuance, session, context));
  const published: Published[] = [];
  try {
    if (order.status === 'pending') {
      published.push(...(await publish(order, session, context)));
      order = await validated(order.url, session, context);
      await context.tell({ kind: 'validated' });
    }
    if (order.status === 'ready') {
      order = await session.finalize(order, await createCsr(issuance.names, key));
      await context.tell({ kind: 'finalized' });
    }
    if (order.status !== 'valid') order = await session.issued(order.url);
    const pem = await session.download(order, context.authority.preferredChain);
    const version = await accept(pem, key, issuance, context);
    await context.issuances.finish(issuance.id, version, key, stored(version));
    await context.limits.orderGaveCertificate(context.authority, order.url);
    return version;
  } catch (error) {
    if (await isDead(order.url, error, session)) await giveUp(order.url, issuance, context);
    throw error;
  } finally {
    for (const { subdomain, challenge } of published) {
      await context.challengeServer.withdraw(subdomain, challenge);
    }
  }
}

/** The key of an earlier attempt, or the last version's where it is kept, or a new one; never one that is compromised. */
async function certificateKey(
  issuance: Issuance,
  { issuances, certificates }: IssueContext,
): Promise<string> {
  const versions = await certificates.versions(issuance.certificate);
  const compromised = (key: string): boolean =>
    versions.some((one) => one.revoked?.reason === 'keyCompromise' && isKeyOf(key, one.leaf));
  const stored = await issuances.key(issuance.id);
  if (stored !== undefined && !compromised(stored)) return stored;
  const [last] = issuance.reuseKey ? versions : [];
  const kept = last && (await certificates.privateKey(last.id));
  const usable = kept !== undefined && keyKindOf(kept) === issuance.keyKind && !compromised(kept);
  const key = usable ? kept : await createKey(issuance.keyKind);
  await issuances.saveKey(issuance.id, key);
  return key;
}

function isKeyOf(privateKey: string, leaf: string): boolean {
  return new X509Certificate(leaf).checkPrivateKey(createPrivateKey(privateKey));
}

/** The order of an earlier attempt, unless the authority has forgotten it or given it up. */
async function knownOrder(
  issuance: Issuance,
  session: AuthoritySession,
  context: IssueContext,
): Promise<Order | undefined> {
  const { orderUrl: url } = issuance;
  if (url === undefined) return undefined;
  try {
    const order = await session.order(url);
    if (order.status !== 'invalid') return order;
  } catch (error) {
    const gone =
      error instanceof AuthorityProblem && (error.status === 404 || error.status === 403);
    if (!gone && !(error instanceof AuthorityProblem && error.kind === 'malformed')) throw error;
  }
  await giveUp(url, issuance, context);
  return undefined;
}

/** §7.1.6: an order that is `invalid` stays so. The certificate that was counted for it does not come. */
async function giveUp(
  url: string,
  { id }: Issuance,
  { authority, issuances, limits }: IssueContext,
): Promise<void> {
  await issuances.update(id, { orderUrl: undefined });
  await limits.orderCameToNothing(authority, url);
}

/** Whether the trouble was the order's end. Trouble of the authority as such says nothing about the order. */
async function isDead(url: string, error: unknown, session: AuthoritySession): Promise<boolean> {
  if (!(error instanceof AuthorityProblem)) return false;
  // What came as an answer with a status, or did not come, is about a request; so is nothing that we found ourselves.
  if (error.status !== undefined || error.retryAfterMs !== undefined) return false;
  if (error.kind === 'unreachable' || error.kind === 'wrong-certificate') return false;
  return session.order(url).then(
    ({ status }) => status === 'invalid',
    () => false, // the first error is the one to tell; the next try looks at the order again
  );
}

/** §7.5.1. Every validation that failed is one that the authority counts (§6.7: it may limit them). */
async function validated(
  url: string,
  session: AuthoritySession,
  { authority, limits }: IssueContext,
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

async function newOrder(
  issuance: Issuance,
  session: AuthoritySession,
  context: IssueContext,
): Promise<Order> {
  const { authority, caa, certificates, issuances, limits, signal, tell } = context;
  const { names } = issuance;
  await refuseForbidden(names, authority, session, caa, signal);
  const replaces = await predecessor(issuance, authority, certificates);
  const order = await session.newOrder({
    names,
    ...(authority.profile === undefined ? {} : { profile: authority.profile }),
    ...(replaces === undefined ? {} : { replaces }),
  });
  const free = authority.rules.replacementsAreFree && order.replaces !== undefined;
  if (!free) await limits.orderMade(authority, { url: order.url, names });
  await issuances.update(issuance.id, { orderUrl: order.url });
  await tell({ kind: 'ordered', authority: authority.name, names });
  return order;
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

interface Published {
  readonly subdomain: string;
  readonly challenge: string;
}

/**
 * §8.4: every value of the order stands before the first challenge is answered, since apex and wildcard share a
 * name. Nothing waits for propagation: the server that is asked is ours, and has answered from memory since
 * `publish` returned.
 */
async function publish(
  order: Order,
  session: AuthoritySession,
  { challengeServer, delegations, tell }: IssueContext,
): Promise<readonly Published[]> {
  const pending = (await session.authorizations(order)).filter(
    ({ status }) => status === 'pending',
  );
  const challenges = pending.map((authorization) => {
    const challenge = authorization.challenges.find(({ type }) => type === 'dns-01');
    if (challenge === undefined) {
      throw new AuthorityProblem({
        kind: 'rejected-identifier',
        authority: new URL(order.url).host,
        detail: `it offers no dns-01 challenge for ${authorization.identifier.value}`,
      });
    }
    return { domain: authorization.identifier.value, challenge };
  });
  const published: Published[] = [];
  for (const { domain, challenge } of challenges) {
    const subdomain = await subdomainOf(domain, delegations);
    await challengeServer.publish(
      subdomain,
      await session.challengeValue(challenge),
      challenge.url,
    );
    published.push({ subdomain, challenge: challenge.url });
  }
  await tell({ kind: 'published', values: published.length });
  await Promise.all(
    challenges
      .filter(({ challenge }) => challenge.status === 'pending')
      .map(({ challenge }) => session.respond(challenge)),
  );
  return published;
}

async function subdomainOf(domain: string, delegations: DelegationStore): Promise<string> {
  const parsed = parseDnsName(domain);
  const delegation =
    parsed.kind === 'name' ? await delegations.find(challengeDomain(parsed.name)) : undefined;
  if (delegation === undefined) throw new Error(`${domain} has no delegation`);
  return delegation.subdomain;
}

/**
 * What was downloaded is kept only when it is what was asked for; an order that gave anything else is given up. One
 * that is only out of time gets a second look first: a clock may have been set right meanwhile.
 */
async function accept(
  pem: string,
  key: string,
  issuance: Issuance,
  { authority, clock, issuances }: IssueContext,
): Promise<Version> {
  const roots = await authority.roots();
  const read = readVersion(pem, key, issuance, { now: clock.now(), roots });
  if (read.kind === 'good') return read.version;
  if (read.because === 'order' || issuance.failures > 0)
    await issuances.update(issuance.id, { orderUrl: undefined });
  throw new AuthorityProblem({
    kind: 'wrong-certificate',
    authority: new URL(authority.directory).host,
    detail: read.why,
  });
}

function stored({ id, fingerprint, issuer, notAfter }: Version): Step {
  return { kind: 'stored', version: id, fingerprint, issuer, notAfter: notAfter.toISOString() };
}
