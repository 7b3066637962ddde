import { AuthorityProblem, createCsr, type AuthoritySession, type Order } from '@sixhub/acme';
import type { Clock } from '@sixhub/base';
import type { Version } from '../domain/certificate.js';
import { challengeDomain, parseDnsName } from '../domain/dns-name.js';
import type { Issuance, Step } from '../domain/issuance.js';
import type { ChallengeServer } from '../ports.js';
import type { DelegationStore } from '../store/delegations.js';
import { certificateKey } from './certificate-key.js';
import { giveUp, isDead, knownOrder, newOrder, validated, type OrderContext } from './order.js';
import { readVersion } from './read-version.js';

export interface IssueContext extends OrderContext {
  readonly delegations: DelegationStore;
  readonly challengeServer: ChallengeServer;
  readonly clock: Clock;
}

/**
 * RFC 8555 §7.4, from the order to a stored version. What must survive a crash is stored first: the key before the
 * order, the order's address before anything is done with it. Run again, it goes on with that order wherever the
 * authority says it stands, so that no second one is made where the first can be finished.
 */
export async function issue(issuance: Issuance, context: IssueContext): Promise<Version> {
  using session = await context.authority.open(context.signal);
  const { key, changed } = await certificateKey(issuance, context);
  let order =
    (await knownOrder(issuance, changed, session, context)) ??
    (await newOrder(issuance, session, context));
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
