import { AsyncLocalStorage } from 'node:async_hooks';
import { request, type Agent, type RequestOptions } from 'node:https';
import { errorText, systemCode } from '@sixhub/base';
import acme from 'acme-client';
import { problemDocument, problemFacts } from './documents.js';
import { AuthorityProblem } from '../domain/problem.js';
import { parseRetryAfter } from './retry-after.js';

/**
 * How acme-client's requests reach the authority. acme-client has one global axios that sleeps on 429 and 5xx,
 * has no time-out and no way to stop, trusts one set of roots, follows what it is told, and throws bare strings.
 * Axios lets its transport be replaced: this is ours. Each session's requests run inside `exchange.run`, so that
 * one global transport serves sessions with their own roots, hosts and signals.
 *
 * It also answers acme-client's HEAD for a nonce before each POST from the nonces that came with earlier
 * answers (RFC 8555 §6.5 allows every one of them), which halves the requests.
 */
export interface Exchange {
  /** Host and port of the directory. Follow-up URLs elsewhere are refused: they would be a way into our network. */
  readonly host: string;
  readonly directoryUrl: string;
  /** The directory's text, once it was read: acme-client need not read it again. */
  directory: string | undefined;
  readonly agent: Agent;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  now(): Date;
  /** Unused nonces, newest last. */
  readonly nonces: string[];
  /** Of the last answer that had a `Retry-After`, until somebody takes it. */
  retryAfterMs: number | undefined;
}

const current = new AsyncLocalStorage<Exchange>();

export function withExchange<T>(exchange: Exchange, work: () => Promise<T>): Promise<T> {
  return current.run(exchange, work);
}

/** An answer larger than this is not ACME; a chain of certificates is some kilobytes. */
const largestAnswer = 1_048_576;

/** A pool that outlives its authority's memory only costs a badNonce; it need not be long. */
const keptNonces = 16;

/** As many as acme-client takes. */
const nonceTries = 5;

interface Answer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Record<string, string>;
  readonly data: string;
}

acme.axios.defaults.adapter = async (config) => {
  const exchange = current.getStore();
  if (exchange === undefined) throw new Error('an ACME request outside of a session');
  const url = new URL(config.url ?? '');
  const method = (config.method ?? 'get').toUpperCase();
  const body = typeof config.data === 'string' ? config.data : undefined;
  const answer = known(exchange, url, method) ?? (await deliver(exchange, url, method, body));
  return { ...answer, config };
};

/** What acme-client asks for that we have: a nonce, or the directory. */
function known(exchange: Exchange, url: URL, method: string): Answer | undefined {
  const have = (headers: Record<string, string>, data: string): Answer => ({
    status: 200,
    statusText: 'OK',
    headers,
    data,
  });
  if (method === 'GET' && url.href === exchange.directoryUrl && exchange.directory !== undefined) {
    return have({}, exchange.directory);
  }
  const nonce = method === 'HEAD' ? exchange.nonces.pop() : undefined;
  return nonce === undefined ? undefined : have({ 'replay-nonce': nonce }, '');
}

/** A plain GET of a resource that needs no account (RFC 9773 §4.1). */
export async function plainGet(
  exchange: Exchange,
  url: string,
): Promise<{ readonly data: string; readonly retryAfterMs: number | undefined }> {
  const { data } = await deliver(exchange, new URL(url), 'GET', undefined);
  return { data, retryAfterMs: exchange.retryAfterMs };
}

/** A POST that is signed elsewhere than in acme-client: by `signed`, once a nonce (RFC 8555 §6.5). */
export async function postSigned(
  exchange: Exchange,
  newNonce: string,
  url: string,
  signed: (nonce: string) => string,
): Promise<void> {
  let last = await deliver(exchange, new URL(newNonce), 'HEAD', undefined);
  for (let tries = 0; tries < nonceTries; tries += 1) {
    last = await deliver(
      exchange,
      new URL(url),
      'POST',
      signed(last.headers['replay-nonce'] ?? ''),
    );
    if (last.status < 400) return;
  }
  throw new AuthorityProblem(problemFacts(exchange.host, readProblem(last), last));
}

async function deliver(
  exchange: Exchange,
  url: URL,
  method: string,
  body: string | undefined,
): Promise<Answer> {
  if (url.protocol !== 'https:' || url.host !== exchange.host) {
    throw new AuthorityProblem({
      kind: 'malformed',
      authority: exchange.host,
      detail: `it pointed to ${url.origin}, which is not its own host; nothing was sent there`,
    });
  }
  const answer = await send(exchange, url, method, body);
  const nonce = answer.headers['replay-nonce'];
  if (nonce !== undefined && method === 'POST' && answer.status < 400) {
    exchange.nonces.push(nonce);
    if (exchange.nonces.length > keptNonces) exchange.nonces.shift();
  }
  exchange.retryAfterMs = parseRetryAfter(answer.headers['retry-after'], exchange.now().getTime());
  if (answer.status >= 400) refuse(exchange, answer);
  return answer;
}

/** Throws what the answer means; lets `badNonce` through, which acme-client retries with the nonce it came with. */
function refuse(exchange: Exchange, answer: Answer): void {
  const facts = problemFacts(exchange.host, readProblem(answer), answer);
  if (facts.kind === 'bad-nonce') return;
  const { retryAfterMs } = exchange;
  throw new AuthorityProblem({ ...facts, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

function readProblem(answer: Answer): { detail?: string | undefined; type?: string | undefined } {
  try {
    const parsed = problemDocument.safeParse(JSON.parse(answer.data));
    if (parsed.success) return parsed.data;
  } catch {
    // not JSON: a proxy's or load balancer's page, whose status is all it says
  }
  return { detail: `HTTP ${answer.status} ${answer.statusText}`.trim() };
}

function send(
  exchange: Exchange,
  url: URL,
  method: string,
  body: string | undefined,
): Promise<Answer> {
  const options: RequestOptions = {
    method,
    agent: exchange.agent,
    timeout: exchange.timeoutMs,
    headers: {
      'User-Agent': 'sixhub/0.1 (acme-client)',
      'Content-Type': 'application/jose+json',
      ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }),
    },
    ...(exchange.signal === undefined ? {} : { signal: exchange.signal }),
  };
  return new Promise((resolve, reject) => {
    const fail = (detail: string, cause?: unknown): void =>
      reject(
        new AuthorityProblem({ kind: 'unreachable', authority: exchange.host, detail, cause }),
      );
    const outgoing = request(url, options, (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > largestAnswer) outgoing.destroy(new Error('its answer does not end'));
        else chunks.push(chunk);
      });
      incoming.on('error', (error) => fail(errorText(error), error));
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          statusText: incoming.statusMessage ?? '',
          headers: flatten(incoming.headers),
          data: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    // A whole-exchange limit: `timeout` alone is only about silence, and a trickle is no silence.
    const limit = setTimeout(
      () => outgoing.destroy(new Error(`no answer within ${exchange.timeoutMs / 1000} s`)),
      exchange.timeoutMs,
    );
    outgoing.on('close', () => clearTimeout(limit));
    outgoing.on('error', (error) => {
      if (exchange.signal?.aborted) reject(exchange.signal.reason);
      else fail(systemCode(error) === undefined ? errorText(error) : connectText(error), error);
    });
    outgoing.end(body);
  });
}

function connectText(error: Error): string {
  switch (systemCode(error)) {
    case 'ECONNREFUSED':
      return 'the connection was refused';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name could not be resolved';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return 'its HTTPS certificate comes from a root that is not trusted here';
    default:
      return errorText(error);
  }
}

function flatten(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
