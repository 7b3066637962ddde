import { Agent, request, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { systemCode } from '@sixhub/base';
import { AuthorityProblem } from '../domain/problem.js';
import { whyNoAnswer } from './broken-connection.js';

export interface TransportOptions {
  /** Host and port of the directory. */
  readonly host: string;
  /** PEM roots for its HTTPS, in place of the system's. */
  readonly trust: string | undefined;
  /** For one request from its start to the end of its answer. */
  readonly timeoutMs: number;
}

export interface Outgoing {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly body?: string;
  /** What is wanted, where it is no JSON. */
  readonly accept?: string;
}

export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** It was sent before on a socket that was cut: whether the authority took that one nobody knows. */
  readonly wasRepeated: boolean;
}

type Once = Omit<Answer, 'wasRepeated'>;

/** RFC 8555 §6.1: the product first, and the language wanted. */
const userAgent = `sixhub/0.1.0 node/${process.versions.node}`;
/** More than this is not ACME; a chain of certificates is some kilobytes. */
const largestAnswer = 1_048_576;
/** More at once make none of them faster, and are asked of no authority. */
const mostSockets = 16;
/** A socket that nobody used so long is closed; it holds no process up before that. */
const idleMs = 15_000;

/**
 * HTTPS to one authority: bounded in time and size, aborted by a signal, and to no other host. No redirect is
 * followed. What did not come about is an `unreachable`, and says why.
 */
export class Transport {
  readonly #options: TransportOptions;
  readonly #agent: Agent;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: mostSockets,
      timeout: idleMs,
      ...(options.trust === undefined ? {} : { ca: options.trust }),
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  async send(outgoing: Outgoing, signal: AbortSignal | undefined): Promise<Answer> {
    this.#refuseOtherHost(outgoing.url);
    for (let wasRepeated = false; ; wasRepeated = true) {
      try {
        return { ...(await this.#once(outgoing, signal)), wasRepeated };
      } catch (error) {
        // A kept socket that the authority closed at the same moment: nothing was answered. A POST that was taken all
        // the same is refused the second time, since its nonce is good for one (RFC 8555 §6.5), and who reads that
        // refusal has to know of the first. Each kept socket may be so; a new one is not.
        if (!(error instanceof StaleSocket)) throw error;
        signal?.throwIfAborted();
      }
    }
  }

  /** Follow-up URLs come from the authority: one that leads elsewhere would be a way into our network. */
  #refuseOtherHost(url: string): void {
    const { protocol, host, origin } = new URL(url);
    if (protocol === 'https:' && host === this.#options.host) return;
    throw new AuthorityProblem({
      kind: 'malformed',
      authority: this.#options.host,
      detail: `it pointed to ${origin}, which is not its own host; nothing was sent there`,
    });
  }

  #once(outgoing: Outgoing, signal: AbortSignal | undefined): Promise<Once> {
    const { host, timeoutMs } = this.#options;
    return new Promise((resolve, reject) => {
      let isAnswered = false;
      const sent = request(outgoing.url, this.#requestOptions(outgoing, signal), (incoming) => {
        isAnswered = true;
        const chunks: Buffer[] = [];
        let size = 0;
        incoming.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > largestAnswer) sent.destroy(new Error('its answer does not end'));
          else chunks.push(chunk);
        });
        incoming.on('error', fail);
        incoming.on('end', () =>
          resolve({
            url: outgoing.url,
            status: incoming.statusCode ?? 0,
            statusText: incoming.statusMessage ?? '',
            headers: incoming.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      const fail = (error: Error): void => {
        if (signal?.aborted === true) reject(signal.reason);
        // From its first line of an answer on the authority has taken the request.
        else if (sent.reusedSocket && !isAnswered && isReset(error)) reject(new StaleSocket());
        else reject(unreachable(host, whyNoAnswer(error), error));
      };
      // For the whole exchange: a time-out of the socket is only about silence, and a trickle is no silence.
      const limit = setTimeout(
        () => sent.destroy(new Error(`no answer within ${timeoutMs / 1_000} s`)),
        timeoutMs,
      );
      sent.on('close', () => clearTimeout(limit));
      sent.on('error', fail);
      sent.end(outgoing.body);
    });
  }

  #requestOptions(
    { method, body, accept }: Outgoing,
    signal: AbortSignal | undefined,
  ): RequestOptions {
    return {
      method,
      agent: this.#agent,
      headers: {
        'User-Agent': userAgent,
        'Accept-Language': 'en',
        ...(accept === undefined ? {} : { Accept: accept }),
        ...(body === undefined
          ? {}
          : { 'Content-Type': 'application/jose+json', 'Content-Length': Buffer.byteLength(body) }),
      },
      ...(signal === undefined ? {} : { signal }),
    };
  }
}

class StaleSocket extends Error {}

function isReset(error: Error): boolean {
  const code = systemCode(error);
  return code === 'ECONNRESET' || code === 'EPIPE';
}

export function unreachable(authority: string, detail: string, cause?: unknown): AuthorityProblem {
  return new AuthorityProblem({ kind: 'unreachable', authority, detail, cause });
}
