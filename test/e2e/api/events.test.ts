import type { ClientRequest } from 'node:http';
import { request } from 'node:https';
import { afterEach, expect, test } from 'vitest';
import { apiClient, openEstate, mustBe, type ApiClient } from '../../lab/index.js';
import { openHouse } from './house.js';

interface Told {
  readonly id: number;
  readonly event: string;
  readonly data: { readonly object?: string; readonly detail?: Record<string, unknown> };
}

interface Follower {
  readonly events: Told[];
  readonly comments: number;
  readonly ended: boolean;
  read(on: boolean): void;
}

const open: ClientRequest[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.destroy();
});

/** A reader of server-sent events, as EventSource is one. */
function follow(url: string, { ca, token }: ApiClient, lastId?: number): Promise<Follower> {
  const headers = {
    Authorization: `Bearer ${token}`,
    ...(lastId === undefined ? {} : { 'Last-Event-ID': String(lastId) }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { ca, headers, agent: false }, (answer) => {
      const follower = {
        events: [] as Told[],
        comments: 0,
        ended: false,
        read: (on: boolean) => (on ? answer.resume() : answer.pause()),
      };
      if (answer.statusCode !== 200) return reject(new Error(`status ${answer.statusCode}`));
      let held = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        const blocks = `${held}${text}`.split('\n\n');
        held = blocks.pop() ?? '';
        for (const block of blocks) {
          const field = (name: string): string =>
            block
              .split('\n')
              .find((line) => line.startsWith(`${name}: `))
              ?.slice(name.length + 2) ?? '';
          if (block.startsWith(':')) follower.comments++;
          if (field('data') === '') continue;
          follower.events.push({
            id: Number(field('id')),
            event: field('event'),
            data: JSON.parse(field('data')),
          });
        }
      });
      answer.on('close', () => (follower.ended = true));
      answer.on('error', () => (follower.ended = true));
      return resolve(follower);
    });
    outgoing.on('error', reject);
    outgoing.end();
    open.push(outgoing);
  });
}

test('who follows sees an issuance step by step, and resumes after what it saw, over a restart', async () => {
  await using estate = await openEstate();
  const { hub } = estate;
  const daemon = await hub.serve();
  const client = await apiClient(hub, 'monitoring');
  const url = `${hub.apiUrl}/v1/events`;
  const live = await follow(url, client);
  const versions = await follow(`${url}?kind=version&object=example.org`, client);
  await estate.delegate('example.org');
  await mustBe(0, await hub.run(['issue', 'example.org']));
  await mustBe(0, await hub.run(['agent', 'add', 'web', '--cert', 'example.org']));
  await expect
    .poll(() => live.events.map(({ event }) => event), { timeout: 10_000 })
    .toContain('agent.invited');
  const kinds = live.events.map(({ event }) => event);
  expect(kinds).toEqual(
    expect.arrayContaining([
      'issuance.delegation-wanted',
      'issuance.ordered',
      'version.stored',
      'agent.invited',
    ]),
  );
  expect(versions.events.map(({ event }) => event)).toEqual(['version.stored']);
  const [stored] = versions.events;
  expect(stored?.data).toMatchObject({
    object: 'example.org',
    detail: { step: { kind: 'stored' } },
  });

  await daemon[Symbol.asyncDispose]();
  await expect.poll(() => live.ended).toBe(true);
  await hub.serve();
  const resumed = await follow(url, client, stored?.id);
  await expect.poll(() => resumed.events.at(-1)?.event, { timeout: 10_000 }).toBe('agent.invited');
  const after = live.events.filter(({ id }) => id > (stored?.id ?? 0));
  expect(resumed.events.slice(0, after.length)).toEqual(after);
});

test(
  'what is not kept any more is told, and a reader that does not read is cut off',
  { timeout: 120_000 },
  async () => {
    await using house = await openHouse();
    const { hub } = house;
    const daemon = await hub.serve();
    const client = await apiClient(hub, 'monitoring');
    const url = `${hub.apiUrl}/v1/events`;
    const numbers =
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)';
    await house.sql(`${numbers} INSERT INTO events (at, kind, object, detail)
    SELECT '2026-01-01T00:00:00.000Z', 'issuance.ordered', 'c' || i, json_object('text', printf('%.1000c', 'x')) FROM n;
    DELETE FROM events WHERE seq < 100`);
    const late = await follow(`${url}?object=c60000`, client, 5);
    await expect.poll(() => late.events.length, { timeout: 30_000 }).toBe(2);
    expect(late.events).toMatchObject([
      { event: 'gap', data: { first: 100, last: 60_000 } },
      { event: 'issuance.ordered', data: { object: 'c60000' } },
    ]);
    // A reader that stops is cut off after a while; until then it holds a batch, and nobody waits for it.
    const slow = await follow(`${url}?after=100`, client);
    slow.read(false);
    const said = async (): Promise<string> => daemon.log();
    await expect.poll(said, { timeout: 40_000, interval: 500 }).toContain('too slow');
    slow.read(true);
    await expect.poll(() => slow.ended).toBe(true);
    expect(slow.events.length).toBeLessThan(59_900);
    const fast = await follow(`${url}?after=100`, client);
    await expect.poll(() => fast.events.length, { timeout: 30_000 }).toBe(59_900);
    expect((await client.get(`/v1/events?after=x`)).status).toBe(400);
    expect((await client.get('/v1/events', { 'Last-Event-ID': 'x' })).json).toMatchObject({
      code: 'bad-last-event-id',
    });
    // So many at once, and no more.
    const many = Promise.all(Array.from({ length: 9 }, () => follow(url, client)));
    await expect(many).rejects.toThrow('status 429');
  },
);

test('HEAD says what GET would, and ends', async () => {
  await using house = await openHouse();
  await house.hub.serve();
  const client = await apiClient(house.hub, 'monitoring');
  const { status, headers, body } = await client.send('HEAD', '/v1/events?after=0');
  expect({ status, body }).toEqual({ status: 200, body: '' });
  expect(headers['content-type']).toContain('text/event-stream');
});

test('an agent that does not come is silent, and is back when it comes', async () => {
  // A hub that was just started waits as long before it says so.
  await using house = await openHouse('[notify]\nagent_silent = "5s"\n');
  const { hub } = house;
  await hub.serve();
  const client = await apiClient(hub, 'monitoring');
  await mustBe(0, await hub.run(['agent', 'add', 'web']));
  await house.sql("UPDATE agents SET status = 'active', last_seen_at = '2026-01-01T00:00:00.000Z'");
  const agent = async (): Promise<unknown> => (await client.get('/v1/agents/web')).json['silent'];
  await expect.poll(agent, { timeout: 30_000 }).toBe(true); // by the next tick
  await house.sql("UPDATE agents SET last_seen_at = '2036-01-01T00:00:00.000Z'");
  expect(await agent()).toBe(false);
  const told = await follow(`${hub.apiUrl}/v1/events?after=0&kind=agent`, client);
  await expect
    .poll(() => told.events.map(({ event }) => event))
    .toEqual(['agent.invited', 'agent.enrolled', 'agent.silent', 'agent.back']);
});
