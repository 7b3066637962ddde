import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { makeSelfSigned, ports, type Lab } from '../lab/index.js';
import { Conduct } from './conduct.js';
import { makeIssuer } from './issuer.js';
import { readSigned, type Jwk, type SignedRequest } from './jws.js';
import { Ledger, type Account } from './ledger.js';
import { Dead, Refused } from './refusal.js';
import type { Course, Reply, Rules } from './course.js';
import { directory, register, renewalInfo, resources } from './resources.js';
import { showAccount } from './shown.js';

export interface TestAuthorityOptions extends Partial<Rules> {
  /** In the names of its issuers. */
  readonly name: string;
  /** Its time; the system's unless said. */
  readonly now?: () => number;
  lookup(name: string): Promise<readonly string[]>;
}

/**
 * An authority by RFC 8555 and RFC 9773 in this process, whose conduct a test changes as it runs: what pebble lacks.
 */
export interface TestAuthority extends AsyncDisposable {
  readonly name: string;
  readonly directory: string;
  /** File with the PEM certificate of its own HTTPS. */
  readonly httpsCertificate: string;
  readonly conduct: Conduct;
  readonly ledger: Ledger;
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
  const ledger = new Ledger();
  const course: Course = {
    origin: `https://${address}:${ports.acme}`,
    rules: {
      profiles: options.profiles ?? { classic: 90 * day, shortlived: 160 * 3_600_000 },
      renewalInfoRetryMs: 'renewalInfoRetryMs' in options ? options.renewalInfoRetryMs : day / 4,
      orderLimit: options.orderLimit,
      caaIdentities: options.caaIdentities ?? [`${options.name}.test`],
    },
    conduct,
    ledger,
    issuer: await makeIssuer(options.name),
    now: options.now ?? Date.now,
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
    requests: () => requests,
    [Symbol.asyncDispose]: () => close(server),
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
      : new Refused(error instanceof z.ZodError ? 400 : 500, 'malformed', String(error));
  const after = refused.retryAfterMs;
  const headers = after === undefined ? {} : { 'Retry-After': String(Math.ceil(after / 1_000)) };
  if (refused.type === undefined) {
    return { status: refused.status, headers, text: '<html>Service Unavailable</html>' };
  }
  const type = `urn:ietf:params:acme:error:${refused.type}`;
  return {
    status: refused.status,
    headers: { ...headers, 'Content-Type': 'application/problem+json' },
    body: { type, detail: refused.message, status: refused.status },
  };
}

function write(outgoing: ServerResponse, reply: Reply, { ledger, origin }: Course): void {
  outgoing.writeHead(reply.status, {
    'Content-Type': 'application/json',
    'Replay-Nonce': ledger.nonce(),
    Link: `<${origin}/directory>;rel="index"`,
    ...reply.headers,
  });
  outgoing.end(reply.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body)));
}

async function route(incoming: IncomingMessage, course: Course): Promise<Reply> {
  const [, resource = '', id, part] = (incoming.url ?? '').split('/');
  const now = course.now();
  if (incoming.method === 'GET' && resource === 'directory') {
    course.conduct.meet('directory', now);
    return { status: 200, body: directory(course) };
  }
  if (incoming.method === 'GET' && resource === 'renewal-info') {
    course.conduct.meet('renewal-info', now);
    return renewalInfo(id ?? '', course);
  }
  if (resource === 'new-nonce') {
    course.conduct.meet('nonce', now);
    return { status: 200 };
  }
  const known = resources[resource];
  if (incoming.method !== 'POST' || known === undefined) {
    throw new Refused(404, 'malformed', `no ${incoming.method} ${incoming.url} here`);
  }
  const request = readSigned(JSON.parse(await readBody(incoming)));
  course.conduct.meet(known.stage, now);
  const key = request.key;
  if (resource === 'new-account' && key !== undefined) return registered(request, key, course);
  const account = authenticate(request, `${course.origin}${incoming.url ?? ''}`, course);
  return known.answer({ id, part, request, account, course });
}

function registered(request: SignedRequest, key: Jwk, course: Course): Reply {
  checkNonce(request, course);
  if (!request.isSignedBy(key)) throw new Refused(400, 'malformed', 'the signature is wrong');
  const { account, isNew } = register(key, course);
  return showAccount(account, course, isNew ? 201 : 200);
}

/** §6.2 to §6.5. */
function authenticate(request: SignedRequest, url: string, course: Course): Account {
  checkNonce(request, course);
  if (request.url !== url) throw new Refused(400, 'unauthorized', 'signed for another URL');
  const id = request.accountUrl?.split('/').at(-1);
  const account = id === undefined ? undefined : course.ledger.accounts[Number(id)];
  if (account === undefined) throw new Refused(400, 'accountDoesNotExist', 'no such account');
  if (!request.isSignedBy(account.key))
    throw new Refused(400, 'malformed', 'the signature is wrong');
  if (account.status !== 'valid')
    throw new Refused(401, 'unauthorized', 'the account is deactivated');
  return account;
}

function checkNonce({ nonce }: SignedRequest, { ledger, conduct }: Course): void {
  if (!ledger.spend(nonce) || Math.random() * 100 < conduct.rejectNonces) {
    throw new Refused(400, 'badNonce', 'use another nonce');
  }
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
