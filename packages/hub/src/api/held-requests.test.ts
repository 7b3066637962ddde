import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { agentName, certificateName } from '@sixhub/protocol';
import { afterEach, expect, test, vi } from 'vitest';
import type { Agent } from '../domain/agent.js';
import type { ManifestChange, ManifestChanges } from '../store/manifest-changes.js';
import { HeldRequests } from './held-requests.js';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const at = new Date('2026-11-23T12:00:00Z');

function agent(id: string, ...grants: readonly string[]): Agent {
  return {
    ...{ id, name: agentName.parse(id), status: 'active', program: undefined, silent: false },
    pushed: false,
    ...{ createdAt: at, statusAt: at, lastSeenAt: at },
    grants: grants.map((name) => certificateName.parse(name)),
  };
}

/** A table of changes that nobody tells of: as another process writes it. */
function ledger() {
  const rows: ManifestChange[] = [];
  const looks: number[] = [];
  const changes: ManifestChanges = {
    last: () => Promise.resolve(rows.at(-1)?.seq ?? 0),
    after: (seq, limit) => {
      looks.push(seq);
      return Promise.resolve(rows.filter((row) => row.seq > seq).slice(0, limit));
    },
    follow: () => ({ [Symbol.dispose]: () => undefined }),
  };
  const write = (seq: number, change: Partial<ManifestChange>): void => {
    rows.push({ seq, certificate: null, agentId: null, ...change });
  };
  return { changes, looks, write };
}

/** All that is needed of them is their end, which comes with the block. */
function responses(): Disposable & { next(): ServerResponse } {
  const made: ServerResponse[] = [];
  return {
    next() {
      const response = new EventEmitter() as unknown as ServerResponse;
      made.push(response);
      return response;
    },
    [Symbol.dispose]: () => made.forEach((response) => response.emit('close')),
  };
}

afterEach(() => void vi.useRealTimers());

test('a minute finds what nobody told of, for all that are held by one look; the others wait on', async () => {
  vi.useFakeTimers();
  const { changes, looks, write } = ledger();
  await using held = await HeldRequests.open(changes, quiet);
  using answers = responses();
  const [web, mail, mx] = ['web', 'mail', 'mx'].map((name) =>
    held.open(agent(name, `${name}.example`), 300, answers.next()),
  );
  write(1, { certificate: 'web.example' });
  write(2, { agentId: 'mx' });
  await vi.advanceTimersByTimeAsync(59_000);
  expect(looks).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(looks).toEqual([0]);
  expect(await web?.next()).toBe('changed');
  expect(await mx?.next()).toBe('changed');
  let isMailAwake = false;
  void mail?.next().then(() => (isMailAwake = true));
  await vi.advanceTimersByTimeAsync(1);
  expect(isMailAwake).toBe(false);
  await vi.advanceTimersByTimeAsync(240_000);
  expect(isMailAwake).toBe(true);
});

test('where some changes are not kept any more, everybody looks', async () => {
  vi.useFakeTimers();
  const { changes, write } = ledger();
  await using held = await HeldRequests.open(changes, quiet);
  using answers = responses();
  const mail = held.open(agent('mail'), 300, answers.next());
  write(20_000, { agentId: 'web' });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await mail.next()).toBe('changed');
});

test('thousands are woken in turns, so that other work has its own in between', async () => {
  const { changes, write } = ledger();
  let told = (): void => undefined;
  const follow = (listener: () => void): Disposable => {
    told = listener;
    return { [Symbol.dispose]: () => undefined };
  };
  await using held = await HeldRequests.open({ ...changes, follow }, quiet);
  using answers = responses();
  let awake = 0;
  for (let at = 0; at < 1_000; at++) {
    const request = held.open(agent(`a${at}`, 'web.example'), 300, answers.next());
    void request.next().then(() => (awake += 1));
  }
  write(1, { certificate: 'web.example' });
  told();
  const seen = new Set<number>();
  while (awake < 1_000) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    seen.add(awake);
  }
  expect(seen.size).toBeGreaterThan(20);
});

test('the more are told that the hub stops, the longer they are asked to spread over', async () => {
  const { changes } = ledger();
  const held = await HeldRequests.open(changes, quiet);
  const made: (() => void)[] = [];
  for (let at = 0; at < 1_000; at++) {
    const response = new EventEmitter() as unknown as ServerResponse;
    const request = held.open(agent(`a${at}`), 300, response);
    made.push(() => void request.next().then(() => response.emit('close')));
  }
  for (const answer of made) answer();
  await held[Symbol.asyncDispose]();
  expect(held.spreadSeconds).toBe(20);
  expect(held.count).toBe(0);
});

test('when nothing is held there is no timer left, and an ending is not forgotten', async () => {
  vi.useFakeTimers();
  const { changes } = ledger();
  await using held = await HeldRequests.open(changes, quiet);
  using answers = responses();
  const left = answers.next();
  const first = held.open(agent('web'), 300, answers.next());
  const second = held.open(agent('web'), 300, left);
  expect(await first.next()).toBe('replaced');
  expect(held.count).toBe(1);
  left.emit('close');
  second.wake('changed');
  expect(await second.next()).toBe('left');
  expect(held.count).toBe(0);
  expect(vi.getTimerCount()).toBe(1); // the first one's end, which no response has told of
});

test('who is gone before it is held is forgotten at once', async () => {
  const { changes } = ledger();
  await using held = await HeldRequests.open(changes, quiet);
  using answers = responses();
  const gone = held.open(
    agent('web', 'web.example'),
    300,
    Object.assign(answers.next(), { closed: true }),
  );
  expect(await gone.next()).toBe('left');
  expect(held.count).toBe(0);
});
