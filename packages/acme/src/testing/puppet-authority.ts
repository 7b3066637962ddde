import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { systemClock, type Clock } from '@sixhub/base';
import { AuthorityProblem } from '../domain/problem.js';
import { createKey } from '@sixhub/base/keys';
import { openSession, type AuthoritySession } from '../session.js';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface SessionParts {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly machineNow?: () => number;
}

export type Answer = (outgoing: ServerResponse, asked: Asked) => void;

/** An authority over HTTPS that says what a test has it say; unsaid, it takes any order. */
export class PuppetAuthority implements AsyncDisposable {
  readonly origin: string;
  /** PEM. */
  readonly trust: string;
  readonly accountKey: string;
  readonly answers = new Map<string, Answer>();
  readonly asked: Asked[] = [];
  readonly server: Server;
  readonly #place: string;

  private constructor(server: Server, port: number, place: string, accountKey: string) {
    this.server = server;
    this.origin = `https://127.0.0.1:${port}`;
    this.trust = readFileSync(join(place, 'cert'), 'utf8');
    this.accountKey = accountKey;
    this.#place = place;
    let nonces = 0;
    server.on('request', (incoming, outgoing) => {
      void (async () => {
        const { method = '', url: path = '', headers } = incoming;
        const asked: Asked = { method, path, headers, body: await text(incoming) };
        this.asked.push(asked);
        outgoing.setHeader('Replay-Nonce', `n${++nonces}`);
        (this.answers.get(path) ?? this.#usual(path))(outgoing, asked);
      })();
    });
  }

  static async open(): Promise<PuppetAuthority> {
    const place = mkdtempSync(join(tmpdir(), 'sixhub-puppet-'));
    const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ca.test';
    execFileSync(
      'openssl',
      [
        ...[...words.split(' '), '-addext', 'subjectAltName=IP:127.0.0.1'],
        ...['-keyout', join(place, 'key'), '-out', join(place, 'cert')],
      ],
      { stdio: 'pipe' },
    );
    const [key, cert] = ['key', 'cert'].map((name) => readFileSync(join(place, name)));
    const server = createServer({ key, cert });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new PuppetAuthority(server, portOf(server), place, await createKey('p256'));
  }

  session(more: SessionParts = {}): AuthoritySession {
    const { accountKey, origin, trust } = this;
    const account = { accountKey, accountUrl: `${origin}/account/1` };
    const directoryUrl = `${origin}/directory`;
    return openSession({ ...account, directoryUrl, trust, clock: systemClock, ...more });
  }

  /** The first request for a path. */
  askedFor(path: string): Asked {
    const found = this.asked.find((one) => one.path === path);
    if (found === undefined) throw new Error(`nobody asked for ${path}`);
    return found;
  }

  directory(more: object = {}, at = this.origin): object {
    return {
      ...{ newNonce: `${at}/nonce`, newAccount: `${at}/account`, newOrder: `${at}/order` },
      ...{ revokeCert: `${at}/revoke`, keyChange: `${at}/key`, ...more },
    };
  }

  order(more: object = {}): object {
    return { status: 'pending', authorizations: [], finalize: `${this.origin}/finalize`, ...more };
  }

  #usual(path: string): Answer {
    switch (path) {
      case '/nonce':
        return say(200, '');
      case '/directory':
        return say(200, this.directory());
      case '/order':
        return say(201, this.order(), { Location: '/order/1' });
      default:
        return say(404, problem('malformed', `no ${path}`));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => {
        rmSync(this.#place, { recursive: true });
        resolve();
      });
      this.server.closeAllConnections();
    });
  }
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return address.port;
}

/** A document as JSON; a string as a page. */
export function say(
  status: number,
  body: object | string,
  headers: Record<string, string> = {},
): Answer {
  return (outgoing) => {
    const type = typeof body === 'string' ? 'text/html' : 'application/json';
    outgoing.writeHead(status, { 'Content-Type': type, ...headers });
    outgoing.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

export function problem(type: string, detail = ''): object {
  return { type: `urn:ietf:params:acme:error:${type}`, detail };
}

/** What an authority's refusal is to the caller; throws where it is none. */
export async function refused(work: Promise<unknown>): Promise<AuthorityProblem> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof AuthorityProblem) return error;
  throw new Error(`no problem of an authority: ${String(error)}`);
}
