import { readFile } from 'node:fs/promises';
import { request, Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { hubServerName } from '@sixhub/protocol';
import { z } from 'zod';

/**
 * The agents of the fleet's bench, in a process of their own: each with its own client certificate and connection, and
 * with the questions of `hub-agent watch` and `hub-agent run`. Orders come from the parent, one at a time.
 */

export type Order =
  /** So many wait; once there is news each fetches it, and the time of the last octet is told. */
  | { readonly kind: 'wait'; readonly count: number }
  /** So many polls a second, each on a connection of its own, in turns by all identities. */
  | { readonly kind: 'poll'; readonly perSecond: number; readonly seconds: number }
  | { readonly kind: 'leave' };

export type Word =
  | { readonly kind: 'waiting' }
  /** By the clock that all processes of this machine share. */
  | { readonly kind: 'has'; readonly at: readonly number[] }
  | { readonly kind: 'polled'; readonly milliseconds: readonly number[]; readonly octets: number }
  | { readonly kind: 'left' }
  | { readonly kind: 'failed'; readonly why: string };

const setting = z.object({
  url: z.string(),
  ca: z.string(),
  identities: z.string(),
  certificate: z.string(),
});
const one = z.object({ certificate: z.string(), privateKey: z.string() });
const wanted = z.object({ certificates: z.array(z.object({ version: z.string() })) });

const { url, ca, identities, certificate } = setting.parse(JSON.parse(process.argv[2] ?? ''));
const lines = (await readFile(identities, 'utf8')).split('\n');
/** As many handshakes at a time: those of a thousand at once would wait for each other's accept. */
const atOnce = 32;

interface Answered {
  readonly status: number;
  readonly etag: string;
  readonly body: string;
  readonly octets: number;
}

class Client {
  readonly #agent: Agent;
  etag = '';

  constructor(line: string) {
    const { certificate: cert, privateKey: key } = one.parse(JSON.parse(line));
    this.#agent = new Agent({
      ...{ ca, cert, key, servername: hubServerName, minVersion: 'TLSv1.3' },
      ...{ keepAlive: true, maxSockets: 1 },
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  async manifest(waitSeconds?: number): Promise<Answered> {
    const answer = await this.#ask('GET', '/v1/agent/manifest', {
      ...(this.etag === '' ? {} : { 'if-none-match': this.etag }),
      ...(waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }),
    });
    if (answer.status === 200) this.etag = answer.etag;
    return answer;
  }

  async bundle(): Promise<void> {
    const { status, body } = await this.#ask('GET', `/v1/agent/bundles/${certificate}`, {});
    if (status !== 200) throw new Error(`the bundle was answered ${status}: ${body}`);
  }

  async report(version: string): Promise<void> {
    const deployment = { certificate, version, installed: true, detail: '', services: [] };
    const { status, body } = await this.#ask('POST', '/v1/agent/reports', {}, [deployment]);
    if (status !== 204) throw new Error(`the report was answered ${status}: ${body}`);
  }

  #ask(
    method: string,
    path: string,
    more: Readonly<Record<string, string>>,
    deployments?: readonly unknown[],
  ): Promise<Answered> {
    const content = deployments && JSON.stringify({ deployments });
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, url), {
        ...{ agent: this.#agent, method },
        headers: {
          accept: 'application/json, application/problem+json',
          ...more,
          ...(content === undefined
            ? {}
            : {
                'content-type': 'application/json',
                'content-length': Buffer.byteLength(content),
              }),
        },
      });
      sent.on('error', reject);
      sent.on('response', (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (body += chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode: status = 0, headers, rawHeaders } = response;
          const octets = rawHeaders.reduce((sum, word) => sum + word.length + 2, 17) + body.length;
          resolve({ status, etag: headers.etag ?? '', body, octets });
        });
      });
      sent.end(content);
    });
  }
}

let waiting: Client[] = [];

async function wait(count: number): Promise<void> {
  waiting = lines.slice(0, count).map((line) => new Client(line));
  if (waiting.length < count) throw new Error(`there are ${waiting.length} identities`);
  const has: number[] = [];
  const held: (() => Promise<void>)[] = [];
  await pooled(waiting, async (client) => {
    await client.manifest();
    const answer = client.manifest(300);
    held.push(() => answer.then((news) => fetched(client, news, has)));
    answer.catch(() => undefined); // told by who waits for it below
  });
  tell({ kind: 'waiting' });
  await Promise.all(held.map((next) => next()));
  tell({ kind: 'has', at: has });
}

async function fetched(client: Client, news: Answered, has: number[]): Promise<void> {
  if (news.status !== 200) throw new Error(`it was held, and answered ${news.status}`);
  await client.bundle();
  has.push(Date.now());
  const [first] = wanted.parse(JSON.parse(news.body)).certificates;
  await client.report(first?.version ?? '');
}

async function poll(perSecond: number, seconds: number): Promise<void> {
  const clients = lines.map((line) => new Client(line));
  const first = clients[0];
  if (first === undefined) throw new Error('there is no identity');
  await first.manifest();
  const milliseconds: number[] = [];
  let octets = 0;
  const polls: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let at = 0; at < perSecond * seconds; at++) {
    const client = clients[at % clients.length] ?? first;
    client.etag = first.etag;
    const polled = pollOnce(client).then((answer) => {
      milliseconds.push(answer.milliseconds);
      ({ octets } = answer);
    });
    polled.catch(() => undefined); // told by who waits for all of them
    polls.push(polled);
    const next = startedAt + ((at + 1) * 1_000) / perSecond - performance.now();
    if (next > 0) await sleep(next);
  }
  await Promise.all(polls);
  tell({ kind: 'polled', milliseconds, octets });
}

async function pollOnce(client: Client): Promise<Answered & { readonly milliseconds: number }> {
  const start = performance.now();
  const answer = await client.manifest();
  if (answer.status !== 304) throw new Error(`a poll was answered ${answer.status}`);
  client.close();
  return { ...answer, milliseconds: performance.now() - start };
}

async function pooled<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function tell(word: Word): void {
  process.send?.(word);
}

async function follow(order: Order): Promise<void> {
  switch (order.kind) {
    case 'wait':
      return wait(order.count);
    case 'poll':
      return poll(order.perSecond, order.seconds);
    case 'leave':
      for (const client of waiting) client.close();
      return tell({ kind: 'left' });
    default:
      order satisfies never;
  }
}

process.on('message', (order: Order) => {
  follow(order).catch((error: unknown) => tell({ kind: 'failed', why: String(error) }));
});
