import { AuthorityProblem, type AuthoritySession, type Order } from '@sixhub/acme';
import type { Clock } from '@sixhub/base';
import { judgeDelegation } from '../domain/delegation.js';
import { challengeDomain, parseDnsName, type DnsName } from '../domain/dns-name.js';
import type { Issuance } from '../domain/issuance.js';
import { wantsWildcard } from '../domain/persist.js';
import { isWorthAsking } from '../domain/watch.js';
import type { ChallengeServer, DelegationLookup } from '../ports.js';
import type { DelegationStore } from '../store/delegations.js';
import { respond, type OrderContext } from './order.js';
import type { Persistence } from './persistence.js';

export interface ProofContext extends OrderContext {
  readonly clock: Clock;
  readonly delegations: DelegationStore;
  readonly challengeServer: ChallengeServer;
  readonly lookup: DelegationLookup;
  /** Undefined: no authority's standing records are taken. */
  readonly persistence: Persistence | undefined;
  readonly signal: AbortSignal;
}

export interface Published {
  readonly subdomain: string;
  readonly challenge: string;
}

export type Proof =
  | {
      readonly kind: 'answered';
      /** Proven by their standing record, with nothing published. */
      readonly standing: readonly DnsName[];
    }
  /** A standing record is gone that spared a domain its CNAME. */
  | { readonly kind: 'undelegated' };

type Authorized = Awaited<ReturnType<AuthoritySession['authorizations']>>[number];
type Challenged = Authorized['challenges'][number];

interface Task {
  readonly domain: DnsName;
  readonly challenge: Challenged;
}

/**
 * §8.4: every value of the order stands before the first challenge is answered, since apex and wildcard share a
 * name. Nothing waits for propagation: the server that is asked is ours, and has answered from memory since
 * `publish` returned. Where a standing record does (dns-persist-01), its challenge is answered and nothing published.
 */
export async function prove(
  order: Order,
  issuance: Issuance,
  session: AuthoritySession,
  context: ProofContext,
  /** What was published is added as it is, so that it can be withdrawn whatever comes. */
  published: Published[],
): Promise<Proof> {
  const { challengeServer, delegations, tell } = context;
  const pending = (await session.authorizations(order)).filter(
    ({ status }) => status === 'pending',
  );
  const standing: Task[] = [];
  const usual: Task[] = [];
  for (const authorization of pending) {
    const domain = domainOf(authorization);
    const persistent = await standingChallenge(authorization, domain, issuance, session, context);
    if (persistent === undefined) {
      usual.push({ domain, challenge: dnsChallenge(authorization, order) });
    } else {
      standing.push({ domain, challenge: persistent });
    }
  }
  if (!(await areDelegated(usual, issuance, context))) return { kind: 'undelegated' };
  for (const { domain, challenge } of usual) {
    const delegation = await delegations.find(domain);
    if (delegation === undefined) throw new Error(`${domain} has no delegation`);
    const { subdomain } = delegation;
    const value = await session.challengeValue(challenge);
    await challengeServer.publish(subdomain, value, challenge.url);
    published.push({ subdomain, challenge: challenge.url });
  }
  if (published.length > 0 || standing.length === 0) {
    await tell({ kind: 'published', values: published.length });
  }
  await Promise.all(
    [...usual, ...standing]
      .filter(({ challenge }) => challenge.status === 'pending')
      .map(({ challenge }) => respond(challenge, order, session)),
  );
  return { kind: 'answered', standing: standing.map(({ domain }) => domain) };
}

function domainOf({ identifier }: Authorized): DnsName {
  const parsed = parseDnsName(identifier.value);
  if (parsed.kind === 'name') return challengeDomain(parsed.name);
  throw new Error(`the authority has an authorization for '${identifier.value}'`);
}

function dnsChallenge({ challenges, identifier }: Authorized, order: Order): Challenged {
  const challenge = challenges.find(({ type }) => type === 'dns-01');
  if (challenge !== undefined) return challenge;
  throw new AuthorityProblem({
    kind: 'rejected-identifier',
    authority: new URL(order.url).host,
    detail: `it offers no dns-01 challenge for ${identifier.value}`,
  });
}

/** The dns-persist-01 challenge, where it is wanted, offered, and its record is there. */
async function standingChallenge(
  authorization: Authorized,
  domain: DnsName,
  { names }: Issuance,
  session: AuthoritySession,
  { authority, persistence, signal }: ProofContext,
): Promise<Challenged | undefined> {
  if (persistence === undefined || !authority.dnsPersist) return undefined;
  const challenge = await persistence.learn(authority, authorization, await session.directory());
  if (challenge === undefined) return undefined;
  const wildcard = wantsWildcard(names, domain);
  const record = await persistence.record(authority, domain, wildcard, signal);
  if (record === undefined) return undefined;
  const verdict = await persistence.judge(authority, record, signal);
  return verdict.kind === 'ready' ? challenge : undefined;
}

/** Seen before the order was begun, but for those that a standing record spared it. */
async function areDelegated(
  tasks: readonly Task[],
  { createdAt }: Issuance,
  { authority, clock, delegations, lookup, persistence, signal }: ProofContext,
): Promise<boolean> {
  if (persistence === undefined || !authority.dnsPersist) return true;
  for (const domain of new Set(tasks.map((task) => task.domain))) {
    const delegation = await delegations.find(domain);
    if (delegation === undefined) return false;
    const { target, watch } = delegation;
    const verdict = judgeDelegation(domain, target, await lookup.look(domain, target, signal));
    const waitedMs = clock.now().getTime() - createdAt.getTime();
    if (verdict.kind !== 'ready' && !isWorthAsking(watch, verdict, waitedMs)) return false;
  }
  return true;
}
