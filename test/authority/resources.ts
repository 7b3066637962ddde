import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Stage } from './conduct.js';
import type { Course, Reply } from './course.js';
import { csrNames } from './issuer.js';
import { readSigned, thumbprint, type Jwk, type SignedRequest } from './jws.js';
import { own, statusOf, type Account, type Authorization, type Ledger } from './ledger.js';
import { Refused } from './refusal.js';
import { showAccount, showAuthorization, showChallenge, showOrder } from './shown.js';

interface Asked {
  readonly id: string | undefined;
  readonly part: string | undefined;
  readonly request: SignedRequest;
  readonly account: Account;
  readonly course: Course;
}

const names = z.object({
  identifiers: z.array(z.object({ type: z.literal('dns'), value: z.string() })).min(1),
  profile: z.string().optional(),
  replaces: z.string().optional(),
});
const csr = z.object({ csr: z.string() });
const contact = z.object({
  contact: z.array(z.string()).optional(),
  status: z.literal('deactivated').optional(),
});
const revocation = z.object({ certificate: z.string(), reason: z.number().default(0) });

/** §7.1: each resource with the stage that it is. */
export const resources: Readonly<
  Record<string, { readonly stage: Stage; answer(asked: Asked): Promise<Reply> | Reply }>
> = {
  'new-account': {
    stage: 'account',
    answer: ({ account, course }) => showAccount(account, course, 200),
  },
  account: {
    stage: 'account',
    answer({ account, request, course }) {
      const change = contact.parse(request.payload ?? {});
      account.contact = change.contact ?? account.contact;
      account.status = change.status ?? account.status;
      return showAccount(account, course, 200);
    },
  },
  'new-order': { stage: 'new-order', answer: newOrder },
  order: {
    stage: 'order',
    answer({ id, account, course }) {
      const order = own(course.ledger.orders, id, account);
      const shown = showOrder(order, course, 200);
      if (order.processing > 0) order.processing -= 1;
      return shown;
    },
  },
  authorization: {
    stage: 'authorization',
    answer: ({ id, account, course }) => ({
      status: 200,
      body: showAuthorization(own(course.ledger.authorizations, id, account), course),
    }),
  },
  challenge: {
    stage: 'challenge',
    async answer({ id, account, course }) {
      const authorization = own(course.ledger.authorizations, id, account);
      await validate(authorization, account, course);
      return { status: 200, body: showChallenge(authorization, course) };
    },
  },
  finalize: { stage: 'finalize', answer: finalize },
  certificate: {
    stage: 'certificate',
    answer({ id, part, account, course }) {
      const { issued } = own(course.ledger.orders, id, account);
      if (issued === undefined) throw new Refused(404, 'malformed', 'it is not issued');
      const link = `<${course.origin}/certificate/${id}/1>;rel="alternate"`;
      const headers = { 'Content-Type': 'application/pem-certificate-chain' };
      return part === undefined
        ? { status: 200, headers: { ...headers, Link: link }, text: issued.chain }
        : { status: 200, headers, text: issued.alternate };
    },
  },
  revoke: {
    stage: 'revoke',
    answer({ account, request, course }) {
      const { certificate } = revocation.parse(request.payload);
      const found = [...course.ledger.certificates.values()].find(
        ({ order }) => order.issued?.leafDer.toString('base64url') === certificate,
      );
      if (found?.order.account !== account.id) throw new Refused(403, 'unauthorized', 'not yours');
      if (found.revoked !== undefined) throw new Refused(400, 'alreadyRevoked', 'revoked before');
      found.revoked = course.now();
      return { status: 200 };
    },
  },
  'key-change': {
    stage: 'key-change',
    answer({ account, request, course }) {
      const inner = readSigned(request.payload);
      if (inner.key === undefined || !inner.isSignedBy(inner.key)) {
        throw new Refused(400, 'malformed', 'the new key has not signed');
      }
      account.key = inner.key;
      return showAccount(account, course, 200);
    },
  },
};

/** §7.3: the key's account, or a new one. */
export function register(key: Jwk, { ledger }: Course): { account: Account; isNew: boolean } {
  const print = thumbprint(key);
  const known = ledger.accounts.find((account) => thumbprint(account.key) === print);
  if (known !== undefined) return { account: known, isNew: false };
  const account: Account = { id: ledger.accounts.length, key, status: 'valid', contact: [] };
  ledger.accounts.push(account);
  return { account, isNew: true };
}

export function directory({ origin, rules }: Course): object {
  const at = (path: string): string => `${origin}/${path}`;
  return {
    newNonce: at('new-nonce'),
    newAccount: at('new-account'),
    newOrder: at('new-order'),
    revokeCert: at('revoke'),
    keyChange: at('key-change'),
    ...(rules.renewalInfoRetryMs === undefined ? {} : { renewalInfo: at('renewal-info') }),
    meta: {
      caaIdentities: rules.caaIdentities,
      profiles: Object.fromEntries(Object.keys(rules.profiles).map((name) => [name, name])),
    },
  };
}

/** RFC 9773 §4.2: two thirds of the lifetime, half of a short one, ±1 %; in the past for a revoked one. */
export function renewalInfo(id: string, course: Course): Reply {
  const known = course.ledger.certificates.get(id);
  const issued = known?.order.issued;
  const retryMs = course.rules.renewalInfoRetryMs;
  if (issued === undefined || retryMs === undefined) {
    throw new Refused(404, 'malformed', 'this certificate is not known here');
  }
  const now = course.now();
  const odd = course.conduct.renewalInfo?.(issued);
  if (odd !== undefined) {
    const headers = odd.retryAfter === undefined ? {} : { 'Retry-After': odd.retryAfter };
    return { status: 200, headers, text: odd.text };
  }
  course.conduct.asked(`renewal-info/${id}`, now);
  course.conduct.ordered(`renewal-info/${id}`, now + retryMs);
  const start = issued.notBefore.getTime();
  const lifetime = issued.notAfter.getTime() - start;
  const middle = start + lifetime * (lifetime < 10 * 86_400_000 ? 1 / 2 : 2 / 3);
  const [from, to] =
    known?.revoked === undefined
      ? [middle - lifetime / 100, middle + lifetime / 100]
      : [known.revoked - 7_200_000, known.revoked - 3_600_000];
  return {
    status: 200,
    headers: { 'Retry-After': String(Math.ceil(retryMs / 1_000)) },
    body: {
      suggestedWindow: { start: new Date(from).toISOString(), end: new Date(to).toISOString() },
      ...(known?.revoked === undefined ? {} : { explanationURL: `${course.origin}/why` }),
    },
  };
}

function newOrder({ account, request, course }: Asked): Reply {
  const { ledger, rules, conduct } = course;
  const wanted = names.parse(request.payload);
  const list = wanted.identifiers.map(({ value }) => value);
  const profile = wanted.profile ?? Object.keys(rules.profiles)[0] ?? 'default';
  if (!(profile in rules.profiles)) throw new Refused(400, 'invalidProfile', `no ${profile} here`);
  const paused = list.find((name) => conduct.paused.has(name.replace(/^\*\./, '')));
  if (paused !== undefined) {
    throw new Refused(429, 'rateLimited', `${paused} is paused; un-pause it at /sfe`, 86_400_000);
  }
  const { replaces } = wanted;
  if (replaces !== undefined) checkReplaced(replaces, list, account, ledger);
  else if (rules.orderLimit !== undefined) conduct.countOrder(rules.orderLimit, course.now());
  const order = ledger.open(account, list, { profile, replaces });
  return showOrder(order, course, 201);
}

/** RFC 9773 §5. */
function checkReplaced(
  id: string,
  wanted: readonly string[],
  account: Account,
  ledger: Ledger,
): void {
  const known = ledger.certificates.get(id);
  if (known === undefined)
    throw new Refused(400, 'malformed', 'what it replaces is not known here');
  if (known.order.account !== account.id) throw new Refused(403, 'unauthorized', 'not yours');
  if (ledger.replaced.has(id)) throw new Refused(409, 'alreadyReplaced', 'it has a successor');
  if (!known.order.names.some((name) => wanted.includes(name))) {
    throw new Refused(400, 'malformed', 'it shares no name with what it replaces');
  }
}

async function validate(
  authorization: Authorization,
  account: Account,
  course: Course,
): Promise<void> {
  if (authorization.status !== 'pending') return;
  const wanted = createHash('sha256')
    .update(`${authorization.token}.${thumbprint(account.key)}`)
    .digest('base64url');
  const seen = await course.lookup(`_acme-challenge.${authorization.name}`);
  authorization.status = seen.includes(wanted) ? 'valid' : 'invalid';
  if (authorization.status === 'valid') return;
  authorization.problem =
    seen.length === 0
      ? { type: 'dns', detail: `no TXT record at _acme-challenge.${authorization.name}` }
      : { type: 'unauthorized', detail: `another value at _acme-challenge.${authorization.name}` };
}

async function finalize({ id, account, request, course }: Asked): Promise<Reply> {
  const { ledger, rules, conduct, issuer } = course;
  const order = own(ledger.orders, id, account);
  if (statusOf(order) !== 'ready') throw new Refused(403, 'orderNotReady', statusOf(order));
  const der = Buffer.from(csr.parse(request.payload).csr, 'base64url');
  if (csrNames(der).toSorted().join() !== order.names.toSorted().join()) {
    throw new Refused(400, 'badCSR', 'its names are not those of the order');
  }
  const lifetimeMs = rules.profiles[order.profile] ?? 0;
  order.issued = await issuer.issue(der, new Date(course.now()), lifetimeMs, conduct.misissue);
  order.processing = conduct.slowFinalize;
  ledger.certificates.set(order.issued.id, { order, revoked: undefined });
  if (order.replaces !== undefined) ledger.replaced.add(order.replaces);
  return showOrder(order, course, 200);
}
