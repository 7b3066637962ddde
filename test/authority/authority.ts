import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { makeSelfSigned, ports, type Lab } from '../lab/index.js';
import { register } from './accounts.js';
import { authenticate, checkHeaders, checkSignature } from './authenticate.js';
import { Conduct } from './conduct.js';
import { makeIssuer } from './issuer.js';
import { readSigned } from './jws.js';
import { Ledger } from './ledger.js';
import { Limits, type Limit } from './limits.js';
import { Dead, problemDocument, Refused } from './refusal.js';
import type { Course, Reply, Rules } from './course.js';
import { renewalInfo } from './renewal-info.js';
import { directory, resources } from './resources.js';
import { revoke } from './revocation.js';

export interface TestAuthorityOptions extends Partial<Rules> {
  /** In the names of its issuers. */
  readonly name: string;
  readonly limits?: readonly Limit[];
  /** Its time; the system's unless said. */
  readonly now?: () => number;
  /** What the `Date` of its answers says; its time unless said. */
  readonly date?: () => number;
  /** What the `Date` of its answers is off its time by, until its conduct says otherwise. */
  readonly clockAheadMs?: number;
  /** In [0, 1); for what it does by chance. */
  readonly random?: () => number;
  readonly lookup: Course['lookup'];
}

/**
 * An authority by RFC 8555 and RFC 9773 in this process, whose conduct a test changes as it runs: what pebble lacks.
 * What pebble has, it has alike: test/e2e/authority/common.test.ts runs against both.
 */
export interface TestAuthority extends AsyncDisposable {
  readonly name: string;
  readonly directory: string;
  /** File with the PEM certificate of its own HTTPS. */
  readonly httpsCertificate: string;
  readonly conduct: Conduct;
  readonly ledger: Ledger;
  /** Common names of the issuers in its two chains' roots, the usual one first. */
  readonly roots: readonly [string, string];
  /** How many requests it has seen. */
  requests(): number;
}

const day = 86_400_000;

export async function startTestAuthority(
  lab: Lab,
  options: TestAuthorityOptions,
): Promise<TestAuthority> {
  const address = lab.address();
  const https = await makeSelfSigned(await lab.makeDirectory(options.name), address, 'ca.test');
  const conduct = new Conduct();
  conduct.clockAheadMs = options.clockAheadMs ?? 0;
  const ledger = new Ledger();
  const now = options.now ?? Date.now;
  const course: Course = {
    origin: `https://${address}:${ports.acme}`,
    rules: {
      profiles: options.profiles ?? { classic: 90 * day, shortlived: 160 * 3_600_000 },
      renewalInfoRetryMs: 'renewalInfoRetryMs' in options ? options.renewalInfoRetryMs : day / 4,
      caaIdentities: options.caaIdentities ?? [`${options.name}.test`],
      reuse: options.reuse ?? { validMs: 0, pending: false },
      externalAccounts: options.externalAccounts,
      dnsPersist: options.dnsPersist,
    },
    conduct,
    ledger,
    limits: new Limits(options.limits ?? [], conduct),
    issuer: await makeIssuer(options.name),
    now,
    date: options.date ?? now,
    random: options.random ?? Math.random,
    lookup: options.lookup,
  };
  let requests = 0;
  const server = createServer(
    { key: await readFile(https.privateKey), cert: await readFile(https.certificate) },
    (incoming, outgoing) => {
      requests += 1;
      void answer(incoming, outgoing, course);
    },
  );
  await new Promise<void>((resolve) => server.listen(ports.acme, address, resolve));
  return lab.own({
    name: options.name,
    directory: `${course.origin}/directory`,
    httpsCertificate: https.certificate,
    conduct,
    ledger,
    roots: course.issuer.roots,
    requests: () => requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  course: Course,
): Promise<void> {
  try {
    write(outgoing, await route(incoming, course), course);
  } catch (error) {
    if (error instanceof Dead) incoming.socket.destroy();
    else write(outgoing, refusal(error), course);
  }
}

function refusal(error: unknown): Reply {
  const refused =
    error instanceof Refused
      ? error
      : new Refused(
          error instanceof z.ZodError || error instanceof SyntaxError ? 400 : 500,
          error instanceof z.ZodError || error instanceof SyntaxError
            ? 'malformed'
            : 'serverInternal',
          String(error),
        );
  const { status, type, message, more } = refused;
  const headers = {
    ...more.headers,
    ...(more.retryAfterMs === undefined
      ? {}
      : { 'Retry-After': String(Math.ceil(more.retryAfterMs / 1_000)) }),
  };
  if (type === undefined) return { status, headers, text: '<html>Service Unavailable</html>' };
  return {
    status,
    headers: { ...headers, 'Content-Type': 'application/problem+json' },
    body: { ...problemDocument(type, message, more.subproblems), status },
  };
}

function write(outgoing: ServerResponse, reply: Reply, course: Course): void {
  const { ledger, origin, conduct, date } = course;
  const { Link: links = [], ...headers } = reply.headers ?? {};
  outgoing.writeHead(reply.status, {
    'Content-Type': 'application/json',
    'Replay-Nonce': ledger.nonce(),
    Date: new Date(date() + conduct.clockAheadMs).toUTCString(),
    Link: [`<${origin}/directory>;rel="index"`, ...[links].flat()],
    ...headers,
  });
  outgoing.end(reply.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body)));
}

/** The stage's trouble comes first; one that loses the answer lets the work be done. */
async function route(incoming: IncomingMessage, course: Course): Promise<Reply> {
  const [, resource = '', id, part] = (incoming.url ?? '').split('/');
  const stage =
    plainStages[resource] ??
    (resource === 'new-account' ? 'account' : (resources[resource]?.stage ?? 'directory'));
  const isLost = course.conduct.meet(stage, course.now());
  try {
    return resource in plainStages
      ? plain(incoming, resource, id, course)
      : await signed(incoming, { resource, id, part }, course);
  } finally {
    if (isLost) incoming.socket.destroy(); // whatever it was, a refusal too
  }
}

const plainStages: Readonly<Record<string, 'directory' | 'nonce' | 'renewal-info'>> = {
  directory: 'directory',
  'new-nonce': 'nonce',
  'renewal-info': 'renewal-info',
};

/** What needs no signature. */
function plain(
  { method, url }: IncomingMessage,
  resource: string,
  id: string | undefined,
  course: Course,
): Reply {
  // §7.2
  if (resource === 'new-nonce' && (method === 'HEAD' || method === 'GET')) {
    return { status: method === 'HEAD' ? 200 : 204, headers: { 'Cache-Control': 'no-store' } };
  }
  if (method !== 'GET') throw new Refused(405, 'malformed', `no ${method} ${url} here`);
  return resource === 'directory'
    ? { status: 200, body: directory(course) }
    : renewalInfo(id ?? '', course);
}

interface Place {
  readonly resource: string;
  readonly id: string | undefined;
  readonly part: string | undefined;
}

/** §6.2: a POST that an account has signed, or for a new account and for a revocation (§7.6) a key. */
async function signed(
  incoming: IncomingMessage,
  { resource, id, part }: Place,
  course: Course,
): Promise<Reply> {
  const known = resources[resource];
  if (incoming.method !== 'POST' || (known === undefined && resource !== 'new-account')) {
    throw new Refused(404, 'malformed', `no ${incoming.method} ${incoming.url} here`);
  }
  checkHeaders(incoming);
  const request = readSigned(JSON.parse(await text(incoming)));
  const url = `${course.origin}${incoming.url ?? ''}`;
  if (request.key !== undefined && (resource === 'new-account' || resource === 'revoke')) {
    checkSignature(request, request.key, url, course);
    return resource === 'revoke'
      ? revoke(request, undefined, course)
      : register(request, request.key, course);
  }
  if (known === undefined) throw new Refused(400, 'malformed', 'a new account needs a jwk');
  const account = authenticate(request, url, course);
  return known.answer({ id, part, request, account, course });
}
