import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { join } from 'node:path';
import { ask } from '@sixhub/acme-dns';
import {
  apiClient,
  certificateRows,
  makeUnlimitedHub,
  openLab,
  ports,
  runTool,
  type ApiClient,
  type HubHouse,
} from '../lab/index.js';
import { makeRequest, readOperations, type FuzzRequest } from './api-request.js';
import { Dice } from './mutate.js';

export interface ApiFuzzResult {
  readonly requests: number;
  readonly byStatus: ReadonlyMap<number, number>;
  /** The longest that the name server, or the socket, took to answer meanwhile. */
  readonly slowestMs: number;
}

const atOnce = 8;
const slowClients = 200;
/** Nobody else waits longer, whatever is sent; the machine may be busy with other things. */
const patienceMs = 5_000;

/** Requests made of a real hub's own OpenAPI, over TLS with several tokens and over the administrator's socket. */
export async function fuzzApi(requests: number, seed: number): Promise<ApiFuzzResult> {
  await using lab = await openLab();
  const hub = await makeUnlimitedHub(lab);
  const daemon = await hub.serve();
  const database = join(hub.state, 'hub.db');
  // Without their versions, whose keys would be none that the master key opens.
  const rows = `${certificateRows(50)} DELETE FROM versions;`;
  await runTool('sqlite3', ['-cmd', '.timeout 5000', database, rows]);
  const clients = await Promise.all([
    apiClient(hub, 'writer', '--scope', 'write'),
    apiClient(hub, 'reader'),
    apiClient(hub, 'scraper', '--scope', 'metrics'),
  ]);
  const [client] = clients;
  const operations = readOperations((await client.get('/openapi.json')).json);
  const tokens = clients.map(({ token }) => token);
  const dice = new Dice(seed);
  const byStatus = new Map<number, number>();
  const send = sender(hub, client);
  const slow = await openSlowly(hub);
  const watch = watchOthers(hub);

  let sent = 0;
  const one = async (): Promise<void> => {
    while (sent < requests) {
      sent++;
      const operation = dice.pick(operations);
      const wanted = makeRequest(operation, tokens, dice);
      // By the socket it would be done, and the hub be another one to all that go by its CA.
      const changesCa = operation.path.startsWith('/v1/ca/');
      const bySocket = dice.roll(4) === 0 && !changesCa;
      const { status, body } = await send(wanted, bySocket);
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
      check(wanted, status, body, tokens);
    }
  };
  let slowestMs: number;
  try {
    await Promise.all(Array.from({ length: atOnce }, one));
  } finally {
    sent = requests; // the others of them, where one has failed
    slowestMs = await watch.stop();
    for (const socket of slow) socket.destroy();
    send.close();
  }
  if (slowestMs > patienceMs)
    throw new Error(`somebody waited ${slowestMs.toFixed(0)} ms meanwhile`);
  if (!daemon.isRunning()) throw new Error(`the hub ended: ${await daemon.log()}`);
  await mustNotLeak(hub, client, tokens, await daemon.log());
  return { requests: sent, byStatus, slowestMs };
}

/** No fault of the hub, no stack, no secret; each refusal is a problem with a code and a hint. */
function check(wanted: FuzzRequest, status: number, body: string, tokens: readonly string[]): void {
  const what = `${wanted.method} ${wanted.path} ${wanted.body?.subarray(0, 300).toString('latin1') ?? ''} -> ${status} ${body.slice(0, 500)}`;
  // 502: the authority, whom nobody reaches here.
  if (status >= 500 && status !== 502) throw new Error(what);
  if (/^\s+at .+:\d+/m.test(body) || body.includes('PRIVATE KEY')) throw new Error(`leak: ${what}`);
  if (tokens.some((token) => body.includes(token))) throw new Error(`a token in: ${what}`);
  if (status < 400 || body === '') return;
  const problem: unknown = JSON.parse(body);
  const isProblem =
    typeof problem === 'object' && problem !== null && 'code' in problem && 'hint' in problem;
  if (!isProblem) throw new Error(`no problem document: ${what}`);
}

interface Sender {
  (wanted: FuzzRequest, bySocket: boolean): Promise<{ status: number; body: string }>;
  close(): void;
}

function sender(hub: HubHouse, { ca }: ApiClient): Sender {
  const tls = new Agent({ ca, keepAlive: true, maxSockets: atOnce });
  const plain = new HttpAgent({ keepAlive: true, maxSockets: atOnce });
  const socketPath = join(hub.config, '../hub.sock');
  let asked = 0;
  const known = new WeakSet<object>();
  const send = (
    { method, path, headers, body }: FuzzRequest,
    bySocket: boolean,
  ): Promise<{ status: number; body: string }> =>
    new Promise((resolve, reject) => {
      const how = { method, headers, timeout: 30_000 };
      // From many addresses, so that wrong tokens are refused for being wrong, and not for being too many.
      const localAddress = `127.0.1.${1 + (asked++ % 250)}`;
      const onAnswer = (answer: IncomingMessage): void => {
        const status = answer.statusCode ?? 0;
        const type = answer.headers['content-type'] ?? '';
        // A stream has no end of its own; that it began is the answer.
        const isStream = type.includes('event-stream') || type.includes('ndjson');
        if (isStream && method !== 'HEAD') {
          answer.destroy();
          return resolve({ status, body: '' });
        }
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => resolve({ status, body: Buffer.concat(parts).toString('utf8') }));
        answer.on('error', reject);
      };
      const outgoing = bySocket
        ? httpRequest({ ...how, socketPath, path, agent: plain }, onAnswer)
        : request(`${hub.apiUrl}/`, { ...how, path, agent: tls, localAddress }, onAnswer);
      outgoing.on('socket', (socket) => {
        if (known.has(socket)) return;
        known.add(socket);
        socket.on('error', () => undefined); // it may break once more after the request that told of it is over
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer: ${method} ${path}`)));
      outgoing.on('error', (error) => {
        // A body that is too long is refused before it has come whole, and the connection ends.
        const early = 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
        if (early) resolve({ status: 0, body: '' });
        else reject(error);
      });
      outgoing.end(body);
    });
  return Object.assign(send, {
    close: () => {
      tls.destroy();
      plain.destroy();
    },
  });
}

/** Clients that begin a request and never end it. */
async function openSlowly(hub: HubHouse): Promise<readonly TLSSocket[]> {
  const open = (at: number): Promise<TLSSocket> =>
    new Promise((resolve, reject) => {
      const to = { host: hub.address, port: ports.api, rejectUnauthorized: false };
      const socket = connect(to, () => {
        const body = 'POST /v1/certificates HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{';
        socket.write(at % 2 === 0 ? 'GET /healthz HTTP/1.1\r\nX-Slow: ' : body);
        socket.removeListener('error', reject).on('error', () => undefined); // it is cut off
        resolve(socket);
      }).on('error', reject);
    });
  return Promise.all(Array.from({ length: slowClients }, (_, at) => open(at)));
}

/** Asks the name server and the administrator's socket again and again, and remembers the longest wait. */
function watchOthers(hub: HubHouse): { stop(): Promise<number> } {
  let going = true;
  let slowest = 0;
  const timed = async (work: () => Promise<boolean>): Promise<void> => {
    while (going) {
      const start = performance.now();
      const well = await work();
      slowest = Math.max(slowest, well ? performance.now() - start : Infinity);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const dns = timed(async () => {
    const server = { address: hub.address, port: ports.dns };
    const answer = await ask(server, hub.stub.zone, 6, { transport: 'udp', withinMs: patienceMs });
    return answer.kind === 'answered';
  });
  const socketPath = join(hub.config, '../hub.sock');
  const socket = timed(
    () =>
      new Promise((resolve) => {
        httpRequest({ socketPath, path: '/healthz', agent: false }, (answer) => {
          answer.resume().on('end', () => resolve(answer.statusCode === 200));
        })
          .on('error', () => resolve(false))
          .end();
      }),
  );
  return {
    async stop() {
      going = false;
      await Promise.all([dns, socket]);
      return slowest;
    },
  };
}

/** Tokens and keys are nowhere but with who has them: not in the log, the metrics, the database, the events. */
async function mustNotLeak(
  hub: HubHouse,
  client: ApiClient,
  tokens: readonly string[],
  log: string,
): Promise<void> {
  const database = join(hub.state, 'hub.db');
  const places = {
    'the log': log,
    'the metrics': (await client.get('/metrics')).body,
    'the database': await runTool('sqlite3', [database, '.dump'], { timeoutMs: 120_000 }),
  };
  for (const [place, text] of Object.entries(places)) {
    if (text.includes('PRIVATE KEY')) throw new Error(`a private key is in ${place}`);
    for (const token of tokens) if (text.includes(token)) throw new Error(`a token is in ${place}`);
  }
}
