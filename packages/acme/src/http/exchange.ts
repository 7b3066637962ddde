import { z } from 'zod';
import { AuthorityProblem } from '../domain/problem.js';
import type { FlattenedJws } from '../jose/jws.js';
import type { ClockWatch } from './clock-watch.js';
import { problemDocument, problemFacts, type ProblemDocument } from './documents.js';
import { linkTargets } from './link.js';
import type { Nonces } from './nonces.js';
import { parseRetryAfter } from './retry-after.js';
import { unreachable, type Answer, type Outgoing, type Transport } from './transport.js';

/** Signs a request for `url` with `nonce` (RFC 8555 §6.2). */
export type Sign = (head: { readonly nonce: string; readonly url: string }) => FlattenedJws;

export interface ExchangeParts {
  readonly host: string;
  readonly transport: Transport;
  readonly nonces: Nonces;
  readonly clockWatch: ClockWatch;
  /** Where a nonce is had (§7.2). */
  readonly newNonce: () => Promise<string>;
  readonly signal: AbortSignal | undefined;
}

/** A good answer: its document not parsed yet. */
export interface Reply {
  readonly url: string;
  readonly text: string;
  /** Of `Location`, absolute. */
  readonly location: string | undefined;
  /** Of `Link`. */
  readonly link: string | undefined;
  readonly retryAfterMs: number | undefined;
}

/** With every second nonce refused, one request in a million meets this. */
const nonceTries = 20;

/**
 * Requests to an authority as RFC 8555 §6 has them, and what its answers mean. Whatever is no good answer is thrown as
 * an `AuthorityProblem`.
 */
export class Exchange {
  readonly #parts: ExchangeParts;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  get host(): string {
    return this.#parts.host;
  }

  get signal(): AbortSignal | undefined {
    return this.#parts.signal;
  }

  /** What needs no signature: the directory, and renewal information (RFC 9773 §4.1). */
  async get(url: string): Promise<Reply> {
    return this.#accept(await this.#send({ method: 'GET', url }));
  }

  /** §6.2 to §6.5. */
  async post(url: string, sign: Sign, accept?: string): Promise<Reply> {
    let nonce = this.#parts.nonces.take();
    for (let tries = 1; ; tries++) {
      nonce ??= await this.#askNonce();
      const signed = sign({ nonce, url });
      const body = JSON.stringify(signed);
      const answer = await this.#send({
        ...{ method: 'POST', url, body },
        ...(accept === undefined ? {} : { accept }),
      });
      const fresh = header(answer, 'replay-nonce');
      if (answer.status < 400) {
        this.#parts.nonces.keep(fresh);
        return this.#accept(answer);
      }
      const problem = this.#problem(answer);
      if (problem.kind === 'bad-nonce' && answer.wasRepeated && signed.payload !== '') {
        // The nonce may be used up by the request that got no answer: with a new one it might be done twice. What only
        // reads (§6.3) may.
        this.#parts.nonces.keep(fresh);
        throw unreachable(this.host, cutText);
      }
      // §6.5: it gave another one with its refusal, which is to be used.
      if (problem.kind !== 'bad-nonce' || tries >= nonceTries) {
        this.#parts.nonces.keep(fresh);
        throw problem;
      }
      nonce = fresh;
    }
  }

  /** §7.2. */
  async #askNonce(): Promise<string> {
    const answer = await this.#send({ method: 'HEAD', url: await this.#parts.newNonce() });
    if (answer.status >= 400) throw this.#problem(answer);
    const nonce = header(answer, 'replay-nonce');
    if (nonce !== undefined) return nonce;
    throw this.malformed('it was asked for a nonce (RFC 8555 §7.2) and gave none');
  }

  /** A document as its resource has it; one that is not so is `malformed`, and says where. */
  parse<T>(schema: z.ZodType<T>, reply: Reply, also: object = {}): T {
    const parsed = schema.safeParse({ ...readObject(reply.text), ...also });
    if (parsed.success) return parsed.data;
    throw this.malformed(
      `its answer is not what RFC 8555 says: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}`,
    );
  }

  malformed(detail: string, retryAfterMs?: number): AuthorityProblem {
    return new AuthorityProblem({
      ...{ kind: 'malformed', authority: this.host, detail },
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }

  async #send(outgoing: Outgoing): Promise<Answer> {
    const answer = await this.#parts.transport.send(outgoing, this.signal);
    this.#parts.clockWatch.saw(answer);
    return answer;
  }

  #accept(answer: Answer): Reply {
    if (answer.status >= 300) throw this.#problem(answer);
    if (isPage(answer)) throw unreachable(this.host, pageText(answer));
    const location = header(answer, 'location');
    return {
      url: answer.url,
      text: answer.text,
      location:
        location !== undefined && URL.canParse(location, answer.url)
          ? new URL(location, answer.url).href
          : undefined,
      link: header(answer, 'link'),
      retryAfterMs: this.#retryAfterMs(answer),
    };
  }

  #problem(answer: Answer): AuthorityProblem {
    const { status } = answer;
    const retryAfterMs = this.#retryAfterMs(answer);
    const after = retryAfterMs === undefined ? {} : { retryAfterMs };
    const document = readProblem(answer);
    if (document === undefined && status !== 429 && status < 500) {
      const detail = status < 400 ? redirectText(answer) : pageText(answer);
      return new AuthorityProblem({
        ...{ kind: 'unreachable', authority: this.host, status, detail },
        ...after,
      });
    }
    const [termsOfService] = linkTargets(header(answer, 'link'), 'terms-of-service', answer.url);
    const said = document ?? { detail: statusText(answer) };
    return new AuthorityProblem({
      ...problemFacts(this.host, said, { status, termsOfService }),
      ...after,
    });
  }

  #retryAfterMs(answer: Answer): number | undefined {
    return parseRetryAfter(header(answer, 'retry-after'), this.#parts.clockWatch.givenAt(answer));
  }
}

const cutText =
  'the connection was cut before it answered; it may have done what it was asked for, so it is not asked again at once';

function header({ headers }: Answer, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** RFC 9457. Undefined where a proxy's or load balancer's page came instead, whose status is all that it says. */
function readProblem({ text }: Answer): ProblemDocument | undefined {
  const object = readObject(text);
  const parsed = object === undefined ? undefined : problemDocument.safeParse(object);
  return parsed?.data;
}

function readObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined; // the caller says what came instead
  }
}

function isPage(answer: Answer): boolean {
  return /^text\/html\b/i.test(header(answer, 'content-type') ?? '');
}

function pageText(answer: Answer): string {
  const type = header(answer, 'content-type') ?? 'nothing that says what it is';
  return `what answers there is no ACME server: ${statusText(answer)} with ${type}. A proxy or a login page may be in between, or the directory's address is wrong`;
}

function redirectText(answer: Answer): string {
  const to = header(answer, 'location') ?? 'nowhere';
  return `it redirects to ${to} (${statusText(answer)}), which is not followed; where that is its new address, put it into hub.toml`;
}

function statusText({ status, statusText }: Answer): string {
  return `HTTP ${status} ${statusText}`.trim();
}
