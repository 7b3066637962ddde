import { createServer } from 'node:https';
import { systemClock } from '@sixhub/base';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSession, type AuthoritySession } from '../session.js';
import {
  portOf,
  problem,
  PuppetAuthority,
  refused,
  say,
  type Answer,
} from '../testing/puppet-authority.js';

let ca: PuppetAuthority;

beforeEach(async () => {
  ca = await PuppetAuthority.open();
});

afterEach(() => ca[Symbol.asyncDispose]());

const wish = { names: ['example.org'] };

test('follow-up URLs on another host are not followed, on another port neither', async () => {
  using session = ca.session();
  for (const url of [
    'https://metadata.test/',
    `http://${new URL(ca.origin).host}/`,
    'https://127.0.0.1/',
  ]) {
    const { kind, detail } = await refused(session.order(url));
    expect(kind).toBe('malformed');
    expect(detail).toContain(new URL(url).origin);
  }
  ca.answers.set('/directory', say(200, ca.directory({}, 'https://other.test')));
  using second = ca.session();
  expect((await refused(second.newOrder(wish))).detail).toContain('https://other.test');
});

test('an answer that does not come, or does not end, is bounded in time and in size', async () => {
  ca.answers.set('/directory', (outgoing) => {
    outgoing.writeHead(200);
    const trickle = setInterval(() => outgoing.write(' '), 20);
    outgoing.on('close', () => clearInterval(trickle));
  });
  using session = ca.session({ timeoutMs: 200 });
  expect((await refused(session.directory())).detail).toBe('no answer within 0.2 s');
  ca.answers.set('/directory', (outgoing) => {
    outgoing.writeHead(200);
    const flood = (): void =>
      void (outgoing.destroyed || outgoing.write(' '.repeat(65_536), flood));
    flood();
  });
  using second = ca.session();
  expect((await refused(second.directory())).detail).toBe('its answer does not end');
});

test('a session that is stopped ends its requests with the reason', async () => {
  const stop = new AbortController();
  ca.answers.set('/directory', () => stop.abort(new Error('the hub is stopping')));
  using session = ca.session({ signal: stop.signal });
  await expect(session.directory()).rejects.toThrow('the hub is stopping');
});

test('sockets that the authority closed meanwhile are no failure', async () => {
  using session = ca.session();
  await session.newOrder(wish);
  await Promise.all(Array.from({ length: 4 }, () => session.newOrder(wish)));
  const closed = new Promise((resolve) => setImmediate(resolve));
  ca.server.closeAllConnections();
  await closed;
  await session.newOrder(wish);
});

/** A session with sockets and nonces of earlier requests. */
async function withKeptSockets(): Promise<AuthoritySession> {
  const session = ca.session();
  await Promise.all(Array.from({ length: 4 }, () => session.newOrder(wish)));
  return session;
}

/** The first request for a path finds its socket cut once it has come; returns how many came. */
function cutOnce(path: string, after: Answer): () => number {
  let times = 0;
  ca.answers.set(path, (outgoing, asked) => {
    times += 1;
    if (times === 1) outgoing.socket?.destroy();
    else after(outgoing, asked);
  });
  return () => times;
}

test('a request whose kept socket was cut is repeated as it is, and not with another nonce', async () => {
  const badNonce = say(400, problem('badNonce'));
  using session = await withKeptSockets();
  const notTaken = cutOnce('/order', say(201, ca.order(), { Location: '/order/1' }));
  expect((await session.newOrder(wish)).url).toBe(`${ca.origin}/order/1`);
  expect(notTaken()).toBe(2);
  const taken = cutOnce('/order', badNonce);
  const { kind, detail, status } = await refused(session.newOrder(wish));
  expect({ kind, status }).toEqual({ kind: 'unreachable', status: undefined });
  expect(detail).toContain('it may have done what it was asked for');
  expect(taken(), 'no second order').toBe(2);
});

test('what only reads is repeated with another nonce after a cut', async () => {
  using session = await withKeptSockets();
  let refusals = 1;
  const asked = cutOnce('/order/1', (outgoing, one) =>
    refusals-- > 0
      ? say(400, problem('badNonce'))(outgoing, one)
      : say(200, ca.order())(outgoing, one),
  );
  expect((await session.order(`${ca.origin}/order/1`)).status).toBe('pending');
  expect(asked()).toBe(3);
});

test('a socket that is cut within an answer repeats nothing: the request was taken', async () => {
  using session = await withKeptSockets();
  let times = 0;
  ca.answers.set('/order', (outgoing) => {
    times += 1;
    outgoing.writeHead(201, { 'Content-Length': 1_000 });
    outgoing.write('{', () => outgoing.socket?.destroy());
  });
  expect((await refused(session.newOrder(wish))).kind).toBe('unreachable');
  expect(times).toBe(1);
});

test('why an authority can’t be reached is said in words', async () => {
  using untrusting = openSession({
    ...{ directoryUrl: `${ca.origin}/directory`, accountKey: ca.accountKey, clock: systemClock },
  });
  expect((await refused(untrusting.directory())).detail).toContain('root that is not trusted here');
  const closedPort = await new Promise<number>((resolve) => {
    const other = createServer().listen(0, '127.0.0.1', () => {
      const port = portOf(other);
      other.close(() => resolve(port));
    });
  });
  for (const [url, words] of [
    [`https://127.0.0.1:${closedPort}/`, 'the connection was refused'],
    [`${ca.origin.replace('127.0.0.1', 'localhost')}/directory`, 'for another name'],
  ] as const) {
    using session = openSession({
      directoryUrl: url,
      accountKey: ca.accountKey,
      clock: systemClock,
      trust: ca.trust,
    });
    expect(await refused(session.directory())).toMatchObject({
      kind: 'unreachable',
      detail: expect.stringContaining(words),
    });
  }
});
