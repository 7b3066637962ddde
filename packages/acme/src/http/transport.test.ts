import { createServer } from 'node:https';
import { systemClock } from '@sixhub/base';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSession } from '../session.js';
import { portOf, PuppetAuthority, refused, say } from '../testing/puppet-authority.js';

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
