import type { IncomingMessage } from 'node:http';
import { request, type Agent } from 'node:https';
import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from 'node:tls';
import { hubServerName, problem, type Problem } from '@sixhub/protocol';
import { version } from '../version.js';

/** One request to one hub address, over TLS that trusts nothing but the hub's own CA. */

export interface HubTrust {
  /** PEM. */
  readonly ca: string;
  /** The client certificate and its key; none before enrolment. */
  readonly client?: { readonly certificate: string; readonly privateKey: string };
}

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly etag?: string;
  /** RFC 7240 §4.3: so many seconds the hub may take for its answer. */
  readonly waitSeconds?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Answer =
  | { readonly kind: 'ok'; readonly body: unknown; readonly etag: string | undefined }
  /** `spreadSeconds`: in which the hub wants all who are told so to come back (RFC 9110 §10.2.3). */
  | { readonly kind: 'not-modified'; readonly spreadSeconds: number }
  | { readonly kind: 'problem'; readonly problem: Problem };

/** Far more than a bundle or a manifest of thousands; a hub that sends more is broken. */
const longestAnswer = 16 * 1_048_576;
const silenceMs = 20_000;

export function trustOptions({ ca, client }: HubTrust): ConnectionOptions {
  return {
    ca,
    ...(client === undefined ? {} : { cert: client.certificate, key: client.privateKey }),
    servername: hubServerName,
    minVersion: 'TLSv1.3',
    checkServerIdentity: isTheHub,
  };
}

/** The pinned name whatever address was dialled, and a certificate that is meant for servers (RFC 5280 §4.2.1.12). */
function isTheHub(_dialled: string, certificate: PeerCertificate): Error | undefined {
  const uses: readonly string[] = certificate.ext_key_usage ?? [];
  if (!uses.includes('1.3.6.1.5.5.7.3.1')) {
    return new Error('its certificate is not meant for a server');
  }
  return checkServerIdentity(hubServerName, certificate);
}

export function exchange(
  /** With a connection to the hub. */
  agent: Agent,
  hub: string,
  call: Call,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const waitMs = (call.waitSeconds ?? 0) * 1_000;
    const sent = request(new URL(call.path, hub), {
      agent,
      signal,
      method: call.method,
      timeout: waitMs + silenceMs,
      headers: {
        ...call.headers,
        accept: 'application/json, application/problem+json',
        'user-agent': `sixhub-agent/${version} node/${process.versions.node}`, // RFC 9110 §10.1.5
        ...(call.etag === undefined ? {} : { 'if-none-match': call.etag }),
        ...(call.waitSeconds === undefined ? {} : { prefer: `wait=${call.waitSeconds}` }),
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      },
    });
    sent.on('timeout', () =>
      sent.destroy(new Error(`no answer within ${(waitMs + silenceMs) / 1_000} s`)),
    );
    sent.on('error', reject);
    sent.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > longestAnswer) sent.destroy(new Error('its answer is too long'));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('aborted', () => reject(new Error('its answer broke off')));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve(readAnswer(hub, response, text));
      });
    });
    sent.end(body);
  });
}

function readAnswer(
  hub: string,
  { statusCode: status = 0, headers: { etag, 'retry-after': later } }: IncomingMessage,
  text: string,
): Answer {
  if (status === 304) return { kind: 'not-modified', spreadSeconds: secondsIn(later) };
  const body = parseJson(text);
  if (status >= 200 && status < 300) return { kind: 'ok', body, etag };
  return { kind: 'problem', problem: problem.safeParse(body).data ?? unknownProblem(hub, status) };
}

/** Not a date: the hub gives none, and clocks differ. */
function secondsIn(retryAfter: string | undefined): number {
  return /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // empty, or a proxy's page: what was expected decides
  }
}

function unknownProblem(hub: string, status: number): Problem {
  return {
    type: 'about:blank',
    title: 'Not an answer of a hub',
    status,
    detail: `${hub} answered with HTTP status ${status}, without saying why`,
    code: 'not-a-hub-answer',
    hint: 'Something between this machine and the hub may answer in its place; look at the journal of the hub.',
  };
}
