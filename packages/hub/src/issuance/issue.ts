import { AuthorityProblem, type AuthoritySession, type ProblemKind } from '@sixhub/acme';
import type { Version } from '../domain/certificate.js';
import type { DnsName } from '../domain/dns-name.js';
import type { Issuance, Step } from '../domain/issuance.js';
import { certificateKey, isCompromised } from './certificate-key.js';
import { finalize, giveUp, isDead, knownOrder, newOrder, validated } from './order.js';
import { prove, type ProofContext, type Published } from './proof.js';
import { readVersion, type ReadVersion } from './read-version.js';

/** Its order stands, and gives the same certificate when its time has come. */
type Early = Extract<ReadVersion, { kind: 'early' }>;

/** `again`: with another key, the certificate's or the account's; what stands of the order is kept. Nothing may be ready. */
type Issued = Version | Early | 'undelegated' | 'again';

const saidOfOldKeys: ReadonlySet<ProblemKind> = new Set(['malformed', 'unauthorized']);

/**
 * RFC 8555 §7.4, from the order to a stored version. What must survive a crash is stored first: the key before the
 * order, the order's address before anything is done with it. Run again, it goes on with that order wherever the
 * authority says it stands, so that no second one is made where the first can be finished.
 */
export async function issue(issuance: Issuance, context: ProofContext): Promise<Issued> {
  const { account } = context.authority;
  const { keyAt } = await account.describe();
  try {
    return await run(issuance, context);
  } catch (error) {
    // §7.3.5: from a change of key on, the old key's signature is a wrong one, and says nothing about the order.
    if (!(error instanceof AuthorityProblem) || !saidOfOldKeys.has(error.kind)) throw error;
    await account.identity(context.signal); // after a change that is under way
    if ((await account.describe()).keyAt?.getTime() === keyAt?.getTime()) throw error;
    return 'again';
  }
}

async function run(issuance: Issuance, context: ProofContext): Promise<Issued> {
  using session = await context.authority.open(context.signal);
  const own = await certificateKey(issuance, context);
  if (own === undefined) return 'again'; // an agent is asked for another one first
  let order =
    (await knownOrder(issuance, own.changed, session, context)) ??
    (await newOrder(issuance, session, context));
  const published: Published[] = [];
  let standing: readonly DnsName[] = [];
  // Unless the order may go on: then the authority may be looking at this moment, and the next try, or the sweep of
  // what is a week old, takes the values away. Withdrawn under its eyes, they would make it fail.
  let over = true;
  try {
    if (order.status === 'pending') {
      const proof = await prove(order, issuance, session, context, published);
      if (proof.kind === 'undelegated') return proof.kind;
      standing = proof.standing;
      order = await validated(order.url, session, context);
      await context.tell({ kind: 'validated' });
    }
    if (order.status === 'ready') {
      order = await finalize(order, await own.csr(), session);
      await context.tell({ kind: 'finalized' });
    }
    if (order.status !== 'valid') order = await session.issued(order.url);
    const pem = await session.download(order, context.authority.preferredChain);
    if (await isOvertaken(issuance, context)) {
      // Its certificate is for a key that is lost; the authority has counted it all the same.
      await context.issuances.update(issuance.id, { orderUrl: undefined });
      await context.limits.orderGaveCertificate(context.authority, order.url);
      return 'again';
    }
    const version = await accept(pem, own.publicKey, issuance, session, context);
    if ('kind' in version) return version;
    if (await isCompromised(own.publicKey, context.certificates)) {
      // It was called so while the authority was at work.
      await session.revoke(version.leaf, 'keyCompromise');
      await giveUp(order.url, issuance, context);
      return 'again';
    }
    await context.issuances.finish(issuance.id, version, own.privateKey, stored(version));
    await context.limits.orderGaveCertificate(context.authority, order.url);
    return version;
  } catch (error) {
    over = await isDead(order.url, error, session);
    if (over) {
      await giveUp(order.url, issuance, context);
      await refuse(standing, error, context);
    }
    throw error;
  } finally {
    for (const { subdomain, challenge } of over ? published : []) {
      await context.challengeServer.withdraw(subdomain, challenge);
    }
  }
}

/** The agent has lost its key meanwhile, and asked with another one. */
async function isOvertaken(
  { id, request }: Issuance,
  { issuances }: ProofContext,
): Promise<boolean> {
  return (await issuances.find(id))?.request !== request;
}

/** Of a standing record that the authority saw otherwise, so that the next try goes by the CNAME. */
async function refuse(
  standing: readonly DnsName[],
  problem: unknown,
  { authority, persistence, signal }: ProofContext,
): Promise<void> {
  if (!(problem instanceof AuthorityProblem)) return;
  for (const domain of standing) {
    if (problem.subProblems.some(({ name }) => name.replace(/^\*\./, '') === domain)) {
      await persistence?.refused(authority, domain, signal);
    }
  }
}

/**
 * What was downloaded is kept only when it is what was asked for; an order that gave anything else is given up. One
 * that is only out of time is so by our clock: where the authority's is another, it is the clock that is wrong, and the
 * order waits for it; else it gets a second look first.
 */
async function accept(
  pem: string,
  publicKey: string,
  issuance: Issuance,
  session: AuthoritySession,
  { authority, clock, issuances }: ProofContext,
): Promise<Version | Early> {
  const roots = await authority.roots();
  const read = readVersion(pem, publicKey, issuance, { now: clock.now(), roots });
  if (read.kind === 'good') return read.version;
  if (read.kind === 'early') return read;
  if (read.because === 'time') await session.checkClock();
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
