import { createHash, createPublicKey, verify } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuthorityProblem } from './domain/problem.js';
import { createKey } from '@sixhub/base/keys';
import { problem, PuppetAuthority, refused, say, type Answer } from './testing/puppet-authority.js';

let ca: PuppetAuthority;

beforeEach(async () => {
  ca = await PuppetAuthority.open();
});

afterEach(() => ca[Symbol.asyncDispose]());

const wish = { names: ['example.org'] };

test('a request is signed by the account for its URL, with a User-Agent (RFC 8555 §6.1, §6.2)', async () => {
  using session = ca.session();
  expect((await session.newOrder(wish)).url).toBe(`${ca.origin}/order/1`);
  const { body, headers } = ca.askedFor('/order');
  expect(headers['user-agent']).toMatch(/^sixhub\/\d/);
  expect(headers['content-type']).toBe('application/jose+json');
  const jws = JSON.parse(body);
  const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
  expect(decode(jws.protected)).toEqual({
    ...{ alg: 'ES256', kid: `${ca.origin}/account/1`, nonce: 'n2', url: `${ca.origin}/order` },
  });
  expect(decode(jws.payload)).toEqual({ identifiers: [{ type: 'dns', value: 'example.org' }] });
  const key = { key: createPublicKey(ca.accountKey), dsaEncoding: 'ieee-p1363' } as const;
  const signed = Buffer.from(`${jws.protected}.${jws.payload}`);
  expect(verify('sha256', signed, key, Buffer.from(jws.signature, 'base64url'))).toBe(true);
});

test('nonces come from the answers: one is asked for, however many requests follow', async () => {
  using session = ca.session();
  for (let count = 0; count < 5; count++) await session.newOrder(wish);
  expect(ca.asked.filter(({ method }) => method === 'HEAD')).toHaveLength(1);
});

test('a refused nonce is tried again with the one that came with the refusal, and not for ever', async () => {
  let refusals = 0;
  const used = (): string[] =>
    ca.asked
      .filter(({ path }) => path === '/order')
      .map(({ body }) => Buffer.from(JSON.parse(body).protected, 'base64url').toString())
      .map((head) => JSON.parse(head).nonce);
  ca.answers.set('/order', (outgoing, one) => {
    if (refusals-- > 0) say(400, problem('badNonce'))(outgoing, one);
    else say(201, ca.order(), { Location: '/order/1' })(outgoing, one);
  });
  using session = ca.session();
  refusals = 3;
  await session.newOrder(wish);
  expect(used()).toEqual(['n2', 'n3', 'n4', 'n5']);
  refusals = Infinity;
  expect((await refused(session.newOrder(wish))).kind).toBe('bad-nonce');
  expect(used().length).toBeLessThan(40);
});

test.each<[string, Answer, Partial<AuthorityProblem>]>([
  ['a typed problem', say(403, problem('caa', 'not us')), { kind: 'caa', detail: 'not us' }],
  [
    'new terms, with where to go (§7.3.3)',
    say(
      403,
      { ...problem('userActionRequired', 'new terms'), instance: 'https://ca.test/agree' },
      { Link: '<https://ca.test/terms/2>;rel="terms-of-service"' },
    ),
    {
      kind: 'user-action-required',
      detail: 'new terms; go to https://ca.test/agree; its terms: https://ca.test/terms/2',
    },
  ],
  [
    'a limit, with when to come back',
    say(429, problem('rateLimited', 'slow'), { 'Retry-After': '7' }),
    { kind: 'rate-limited', retryAfterMs: 7_000 },
  ],
  [
    'a front end that is overloaded',
    say(503, '<html>', { 'Retry-After': '9' }),
    { kind: 'busy', retryAfterMs: 9_000, detail: 'HTTP 503 Service Unavailable' },
  ],
  ['an error of its own', say(500, problem('serverInternal', 'oh')), { kind: 'server-internal' }],
  ['a login page', say(200, '<html>log in'), { kind: 'unreachable' }],
  ['a proxy that wants a password', say(407, 'who are you'), { kind: 'unreachable' }],
  [
    'an order that is none',
    say(201, { status: 'pending' }, { Location: '/o' }),
    { kind: 'malformed' },
  ],
  ['an order without an address', (o, a) => say(201, ca.order())(o, a), { kind: 'malformed' }],
  [
    'an address elsewhere',
    say(302, '', { Location: 'https://other.test/' }),
    { kind: 'unreachable' },
  ],
])('%s', async (_what, answer, expected) => {
  ca.answers.set('/order', answer);
  using session = ca.session();
  expect(await refused(session.newOrder(wish))).toMatchObject(expected);
});

test('the value for a challenge (§8.1, §8.4) is by the thumbprint of the account’s key', async () => {
  using session = ca.session();
  const challenge = {
    type: 'dns-01',
    url: `${ca.origin}/c`,
    status: 'pending',
    token: 'tok',
  } as const;
  const { crv, kty, x, y } = createPublicKey(ca.accountKey).export({ format: 'jwk' });
  const print = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  expect(await session.challengeValue(challenge)).toBe(
    createHash('sha256').update(`tok.${print}`).digest('base64url'),
  );
});

test('a change of key: the new key signs inside, the old one outside (§7.3.5)', async () => {
  ca.answers.set('/key', say(200, {}));
  ca.answers.set('/account/1', say(200, {}));
  using session = ca.session();
  const next = await createKey('p256');
  await session.changeKey(next);
  await session.lookUp();
  const signedBy = (jws: Record<string, string>, pem: string): boolean =>
    verify(
      'sha256',
      Buffer.from(`${jws['protected']}.${jws['payload']}`),
      { key: createPublicKey(pem), dsaEncoding: 'ieee-p1363' },
      Buffer.from(jws['signature'] ?? '', 'base64url'),
    );
  const bodyAt = (path: string): Record<string, string> => JSON.parse(ca.askedFor(path).body);
  const outer = bodyAt('/key');
  const inner = JSON.parse(Buffer.from(outer['payload'] ?? '', 'base64url').toString());
  expect([signedBy(outer, ca.accountKey), signedBy(inner, next)]).toEqual([true, true]);
  const head = JSON.parse(Buffer.from(inner.protected, 'base64url').toString());
  expect(head).toMatchObject({ url: `${ca.origin}/key`, jwk: { kty: 'EC' } });
  expect(head).not.toHaveProperty('nonce');
  expect(JSON.parse(Buffer.from(inner.payload, 'base64url').toString())).toMatchObject({
    account: `${ca.origin}/account/1`,
    oldKey: { kty: 'EC' },
  });
  expect(signedBy(bodyAt('/account/1'), next), 'and the session has the new one').toBe(true);
});

test.each<[string, Answer, Partial<AuthorityProblem>]>([
  [
    'a 404 with a page',
    say(404, '404 page not found', { 'Content-Type': 'text/plain', 'Retry-After': '60' }),
    {
      ...{ kind: 'other', status: 404, retryAfterMs: 60_000 },
      detail:
        'it has no renewal information for this certificate (HTTP 404); its lifetime decides meanwhile',
    },
  ],
  [
    'a 404 with a problem',
    say(404, problem('malformed', 'no such certificate')),
    {
      ...{ kind: 'malformed', status: 404 },
      detail: expect.stringContaining('for this certificate (no such certificate)'),
    },
  ],
  ['a 410', say(410, ''), { kind: 'other', status: 410 }],
  ['too many requests', say(429, problem('rateLimited', 'slow')), { kind: 'rate-limited' }],
  ['a proxy that wants a password', say(407, 'who are you'), { kind: 'unreachable' }],
  ['an overloaded front end', say(503, '<html>'), { kind: 'busy' }],
])('renewal information: %s', async (_what, answer, expected) => {
  const info = { renewalInfo: `${ca.origin}/renewal-info` };
  ca.answers.set('/directory', say(200, ca.directory(info)));
  ca.answers.set('/renewal-info/a.b', answer);
  using session = ca.session();
  expect(await refused(session.renewalInfo('a.b'))).toMatchObject(expected);
});
