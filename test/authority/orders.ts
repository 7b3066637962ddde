import { z } from 'zod';
import type { Asked, Course, Reply } from './course.js';
import { csrKey, csrNames, isSelfSigned } from './issuer.js';
import { readJwk } from './jws.js';
import { own, statusOf, type Account, type Order } from './ledger.js';
import { Refused } from './refusal.js';
import { mustBeEmpty, pointTo, showOrder } from './shown.js';

const wish = z.object({
  identifiers: z.array(z.object({ type: z.literal('dns'), value: z.string() })).min(1),
  profile: z.string().optional(),
  replaces: z.string().optional(),
});

/** §7.4: an order that can be used again is the answer; a limit counts only those that are new. */
export function newOrder({ account, request, course }: Asked): Reply {
  const { ledger, rules, conduct, limits } = course;
  const now = course.now();
  const { identifiers, replaces, profile = defaultProfile(course) } = wish.parse(request.payload);
  const names = [...new Set(identifiers.map(({ value }) => value.toLowerCase()))];
  if (!(profile in rules.profiles)) throw new Refused(400, 'invalidProfile', `no ${profile} here`);
  conduct.refuseNames(names, 'new-order');
  const paused = names.find((name) => conduct.paused.has(name.replace(/^\*\./, '')));
  if (paused !== undefined) {
    const detail = `Your account is temporarily prevented from requesting certificates for ${paused} and possibly others. Please visit: ${course.origin}/unpause`;
    throw new Refused(429, 'rateLimited', detail);
  }
  if (replaces !== undefined) checkReplaced(replaces, names, account, course);
  const equal = rules.reuse.pending ? ledger.equalOrder(account, names, profile, now) : undefined;
  if (equal !== undefined) return showOrder(equal, course, 201);
  limits.checkOrder(account.id, names, replaces !== undefined, now);
  limits.ordered(account.id, names, replaces !== undefined, now);
  const when = { now, reuse: rules.reuse };
  return showOrder(ledger.open(account, names, { profile, replaces }, when), course, 201);
}

function defaultProfile({ rules }: Course): string {
  return Object.keys(rules.profiles)[0] ?? 'default';
}

/** RFC 9773 §5; an order that is under way replaces as well, so that of two only one is free of limits. */
function checkReplaced(
  id: string,
  wanted: readonly string[],
  account: Account,
  { ledger, now }: Course,
): void {
  const known = ledger.certificates.get(id);
  if (known === undefined)
    throw new Refused(400, 'malformed', 'what it replaces is not known here');
  if (known.order.account !== account.id) throw new Refused(403, 'unauthorized', 'not yours');
  if (ledger.isReplaced(id, now()))
    throw new Refused(409, 'alreadyReplaced', 'it has a replacement order already');
  if (!known.order.names.some((name) => wanted.includes(name))) {
    throw new Refused(400, 'malformed', 'it shares no name with what it replaces');
  }
}

export function answerOrder({ id, account, request, course }: Asked): Reply {
  mustBeEmpty(request);
  const order = own(course.ledger.orders, id, account);
  const shown = showOrder(order, course, 200);
  if (order.processing > 0) order.processing -= 1;
  return shown;
}

const csr = z.object({ csr: z.string() });

/** §7.4; §11.1: the key of a certificate is no account's. */
export async function finalize({ id, account, request, course }: Asked): Promise<Reply> {
  const { ledger, conduct } = course;
  const order = own(ledger.orders, id, account);
  const status = statusOf(order, course.now());
  if (status !== 'ready') throw new Refused(403, 'orderNotReady', `the order is ${status}`);
  const der = Buffer.from(csr.parse(request.payload).csr, 'base64url');
  if (!(await isSelfSigned(der))) throw new Refused(400, 'badCSR', 'its signature is wrong');
  if (csrNames(der).toSorted().join() !== order.names.toSorted().join()) {
    throw new Refused(403, 'unauthorized', 'the names of the CSR are not those of the order');
  }
  if (ledger.accountOf(readJwk(csrKey(der))) !== undefined) {
    throw new Refused(400, 'badCSR', "its key is an account's");
  }
  conduct.refuseNames(order.names, 'finalize');
  await issue(order, der, course);
  return showOrder(order, course, 200);
}

async function issue(order: Order, der: Buffer, course: Course): Promise<void> {
  const { ledger, rules, conduct, issuer, limits } = course;
  const now = course.now();
  const lifetimeMs = rules.profiles[order.profile] ?? 0;
  const issued = await issuer.issue(der, new Date(now), lifetimeMs, conduct.misissue);
  // While it was signed a second request may have come.
  if (order.issued !== undefined) throw new Refused(403, 'orderNotReady', 'it is being issued');
  order.issued = issued;
  order.processing = conduct.slowFinalize;
  ledger.certificates.set(issued.id, { order, issued, revoked: undefined });
  limits.issued(order.account, order.names, order.replaces !== undefined, now);
}

/** §7.4.2; the other chain is linked to. */
export function download({ id, part, account, request, course }: Asked): Reply {
  mustBeEmpty(request);
  const { issued } = own(course.ledger.orders, id, account);
  if (issued === undefined) throw new Refused(404, 'malformed', 'it is not issued');
  const place = `certificate/${id}`;
  const other = pointTo('alternate', part === undefined ? `${place}/1` : place, course);
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/pem-certificate-chain',
      Link: `<${other}>;rel="alternate"`,
    },
    text: part === undefined ? issued.chain : issued.alternate,
  };
}
