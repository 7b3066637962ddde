import type { Clock } from '@sixhub/base';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Order } from '../http/documents.js';
import type { AuthoritySession } from '../session.js';
import { problem, PuppetAuthority, refused, say } from '../testing/puppet-authority.js';

const second = 1_000;
const day = 86_400 * second;

let ca: PuppetAuthority;
/** What was slept, each time. */
let sleeps: number[];
let clock: Clock;

beforeEach(async () => {
  ca = await PuppetAuthority.open();
  sleeps = [];
  let time = Date.parse('2027-01-01T00:00:00Z');
  clock = {
    now: () => new Date(time),
    sleep: (milliseconds) => {
      sleeps.push(milliseconds);
      time += milliseconds;
      return Promise.resolve();
    },
  };
});

afterEach(() => ca[Symbol.asyncDispose]());

/** The order is `first` for so many looks, then as `after`; returns how often it was looked at. */
function orderIs(
  status: Order['status'],
  { retryAfter, looks = Infinity }: { readonly retryAfter?: string; readonly looks?: number } = {},
): () => number {
  let seen = 0;
  ca.answers.set('/order/1', (outgoing, asked) => {
    seen += 1;
    const body = ca.order({
      status: seen > looks ? 'valid' : status,
      authorizations: [`${ca.origin}/authorization/1`, `${ca.origin}/authorization/2`],
    });
    say(200, body, retryAfter === undefined ? {} : { 'Retry-After': retryAfter })(outgoing, asked);
  });
  return () => seen;
}

function authorizationIs(id: 1 | 2, status: string, error?: object): void {
  const challenge = {
    type: 'dns-01',
    url: `${ca.origin}/challenge`,
    status: 'pending',
    token: 't',
  };
  ca.answers.set(
    `/authorization/${id}`,
    say(200, {
      identifier: { type: 'dns', value: `d${id}.example` },
      status,
      challenges: [{ ...challenge, ...(error === undefined ? {} : { status: 'invalid', error }) }],
    }),
  );
}

const open = (): AuthoritySession => ca.session({ clock });
const total = (): number => sleeps.reduce((sum, one) => sum + one, 0);

test('a Retry-After within our patience is kept to; one of nothing is no leave to ask without a pause', async () => {
  orderIs('processing', { retryAfter: '30', looks: 2 });
  using session = open();
  await session.issued(`${ca.origin}/order/1`);
  expect(sleeps).toEqual([30 * second, 30 * second]);
  for (const retryAfter of ['0', new Date(0).toUTCString()]) {
    sleeps = [];
    const looks = orderIs('processing', { retryAfter });
    expect((await refused(session.issued(`${ca.origin}/order/1`))).kind).toBe('slow');
    expect(Math.min(...sleeps)).toBeGreaterThanOrEqual(40);
    expect(looks()).toBeLessThan(50);
  }
});

test.each(['processing', 'pending'] as const)(
  'an order that is %s and to be asked for in a week is told at once, with the week',
  async (status) => {
    authorizationIs(1, 'valid');
    authorizationIs(2, 'pending');
    const looks = orderIs(status, { retryAfter: String(7 * 86_400) });
    using session = open();
    const work = status === 'pending' ? session.validated : session.issued;
    const { kind, detail, retryAfterMs } = await refused(work(`${ca.origin}/order/1`));
    expect({ kind, retryAfterMs }).toEqual({ kind: 'slow', retryAfterMs: 7 * day });
    expect(detail).toContain(`the order is ${status}, and it wants to be asked again in 7d`);
    expect([looks(), total()]).toEqual([1, 0]);
  },
);

test('after finalize it is looked at when the answer to that says (§7.4)', async () => {
  orderIs('processing', { looks: 0 });
  const made = ca.order({ status: 'processing' });
  ca.answers.set('/finalize', say(200, made, { 'Retry-After': '20' }));
  using session = open();
  const order = await session.order(`${ca.origin}/order/1`);
  const csr = '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n';
  await session.finalize(order, csr);
  await session.issued(order.url);
  expect(sleeps).toEqual([20 * second]);
  ca.answers.set('/finalize', say(200, made, { 'Retry-After': '86400' }));
  await session.finalize(order, csr);
  expect(await refused(session.issued(order.url))).toMatchObject({
    ...{ kind: 'slow', retryAfterMs: day },
    detail: 'it wants to be asked for the order in 1d',
  });
});

test('after a challenge was answered it is looked at when the answer to that says', async () => {
  authorizationIs(1, 'pending');
  orderIs('pending', { looks: 0 });
  ca.answers.set('/challenge', say(200, {}, { 'Retry-After': '7' }));
  using session = open();
  const order = await session.order(`${ca.origin}/order/1`);
  const [authorization] = await session.authorizations({
    ...order,
    authorizations: [`${ca.origin}/authorization/1`],
  });
  for (const challenge of authorization?.challenges ?? []) await session.respond(challenge);
  await session.validated(order.url);
  expect(sleeps).toEqual([7 * second]);
});

test('when patience ends, the names that the order waits for are told, and the order stands', async () => {
  authorizationIs(1, 'valid');
  authorizationIs(2, 'pending');
  orderIs('pending');
  using session = open();
  const { kind, detail } = await refused(session.validated(`${ca.origin}/order/1`));
  expect(kind).toBe('slow');
  expect(detail).toBe('the order is still pending after 180 s; not validated yet: d2.example');
  expect(total()).toBeGreaterThan(170 * second);
  authorizationIs(2, 'pending', problem('dns', 'SERVFAIL'));
  const retried = await refused(session.validated(`${ca.origin}/order/1`));
  expect(retried.detail).toContain('d2.example (SERVFAIL)');
  authorizationIs(2, 'valid');
  const validated = await refused(session.validated(`${ca.origin}/order/1`));
  expect(validated.detail).toContain('though every name is validated');
});

test('an order that stays pending over an authorization that is over tells why (§7.1.6)', async () => {
  orderIs('pending');
  authorizationIs(1, 'valid');
  authorizationIs(2, 'invalid', problem('dns', 'SERVFAIL'));
  using session = open();
  expect(await refused(session.validated(`${ca.origin}/order/1`))).toMatchObject({
    ...{ kind: 'dns', detail: 'd2.example: SERVFAIL' },
    subProblems: [{ name: 'd2.example', kind: 'dns' }],
  });
  authorizationIs(2, 'deactivated');
  const { kind, detail } = await refused(session.validated(`${ca.origin}/order/1`));
  expect(kind).toBe('other');
  expect(detail).toBe('d2.example: its authorization is deactivated, and no reason is given');
});
