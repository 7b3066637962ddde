import { Agent } from 'node:https';
import type { Clock } from '@sixhub/base';
import acme from 'acme-client';
import { z } from 'zod';
import {
  authorizationDocument,
  orderDocument,
  problemFacts,
  type Authorization,
  type Challenge,
  type Order,
} from './http/documents.js';
import { AuthorityProblem } from './domain/problem.js';
import { withExchange, type Exchange } from './http/exchange.js';

type DnsChallenge = Parameters<acme.Client['completeChallenge']>[0];

export interface SessionOptions {
  /** RFC 8555 §7.1.1. */
  readonly directoryUrl: string;
  /** PKCS#8 PEM; ECDSA P-256 by default at `createKey`. */
  readonly accountKey: string;
  /** Of an account that exists; `register` finds or makes one. */
  readonly accountUrl?: string;
  readonly externalAccount?: { readonly keyId: string; readonly hmacKey: string };
  /** PEM roots for the authority's own HTTPS, in place of the system's. */
  readonly trust?: string;
  /** For one request from its start to the end of its answer; 30 s unless said. */
  readonly timeoutMs?: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** What an authority does for an account, one RFC 8555 step a method. Every failure is an `AuthorityProblem`. */
export interface AuthoritySession extends Disposable {
  /** §7.3: finds the key's account or makes one, agreeing to the terms. Returns its URL. */
  register(contact: readonly string[]): Promise<string>;
  /** §7.4. The order may come back `ready`, or even be one that was made before: read its status. */
  newOrder(request: {
    readonly names: readonly string[];
    readonly profile?: string;
    readonly replaces?: string;
  }): Promise<Order>;
  order(url: string): Promise<Order>;
  /** §7.5. */
  authorizations(order: Order): Promise<readonly Authorization[]>;
  /** §8.4: what the TXT record for a dns-01 challenge must hold. */
  challengeValue(challenge: Challenge): Promise<string>;
  /** §7.5.1: asks for validation. */
  respond(challenge: Challenge): Promise<void>;
  /** §7.5.1: waits until the order left `pending`; `invalid` throws with what the authority saw, name by name. */
  validated(url: string): Promise<Order>;
  /** §7.4. */
  finalize(order: Order, csrPem: string): Promise<Order>;
  /** §7.4: waits until the order is `valid`. */
  issued(url: string): Promise<Order>;
  /** §7.4.2: leaf and issuers, PEM. */
  download(order: Order): Promise<string>;
}

/** Where the authority does not say when to look again (§7.5.1): at once, then ever more rarely. */
const firstLookMs = 40;
const longestLookMs = 5_000;
/** An authority that has not decided by then is called busy. */
const patienceMs = 180_000;

export function openSession(options: SessionOptions): AuthoritySession {
  const { clock } = options;
  const host = new URL(options.directoryUrl).host;
  const exchange: Exchange = {
    host,
    agent: new Agent({
      keepAlive: true,
      maxSockets: 8,
      ...(options.trust === undefined ? {} : { ca: options.trust }),
    }),
    timeoutMs: options.timeoutMs ?? 30_000,
    signal: options.signal,
    nonces: [],
    retryAfterMs: undefined,
  };
  const client = new acme.Client({
    directoryUrl: options.directoryUrl,
    accountKey: options.accountKey,
    ...(options.accountUrl === undefined ? {} : { accountUrl: options.accountUrl }),
    ...(options.externalAccount === undefined
      ? {}
      : {
          externalAccountBinding: {
            kid: options.externalAccount.keyId,
            hmacKey: options.externalAccount.hmacKey,
          },
        }),
  });

  /** One exchange with the authority; whatever is not a problem of its own making becomes one. */
  const ask = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await withExchange(exchange, work);
    } catch (error) {
      if (error instanceof AuthorityProblem || options.signal?.aborted) throw error;
      const detail = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      throw new AuthorityProblem({
        kind: 'malformed',
        authority: host,
        detail: `its answer is not what RFC 8555 says: ${detail}`,
        cause: error,
      });
    }
  };

  const getOrder = (url: string): Promise<Order> =>
    ask(async () => orderDocument.parse(await client.getOrder(asOrder({ url }))));

  const getAuthorizations = (order: Order): Promise<readonly Authorization[]> =>
    ask(async () => {
      const documents = await client.getAuthorizations(asOrder(order));
      return documents.map((document) => authorizationDocument.parse(document));
    });

  /** Looks at the order until its status is none of `waiting`. */
  const poll = async (url: string, waiting: readonly Order['status'][]): Promise<Order> => {
    const started = clock.now().getTime();
    let look = firstLookMs;
    for (;;) {
      const order = await getOrder(url);
      if (order.status === 'invalid') throw await whyInvalid(order);
      if (!waiting.includes(order.status)) return order;
      if (clock.now().getTime() - started > patienceMs) {
        throw new AuthorityProblem({
          kind: 'busy',
          authority: host,
          detail: `the order is still ${order.status} after ${patienceMs / 1000} s`,
        });
      }
      await clock.sleep(exchange.retryAfterMs ?? look, options.signal);
      look = Math.min(look * 2, longestLookMs);
    }
  };

  /** An invalid order names its error, or its authorizations do; the second are more precise. */
  const whyInvalid = async (order: Order): Promise<AuthorityProblem> => {
    const subProblems = (await getAuthorizations(order)).flatMap((authorization) =>
      authorization.challenges.flatMap((challenge) =>
        challenge.error === undefined
          ? []
          : [{ name: authorization.identifier.value, ...problemFacts(host, challenge.error) }],
      ),
    );
    const [first] = subProblems;
    if (first === undefined) return new AuthorityProblem(problemFacts(host, order.error ?? {}));
    return new AuthorityProblem({
      kind: first.kind,
      authority: host,
      detail: subProblems.map((sub) => `${sub.name}: ${sub.detail}`).join('; '),
      subProblems,
    });
  };

  return {
    register: (contact) =>
      ask(async () => {
        await client.createAccount({ termsOfServiceAgreed: true, contact: [...contact] });
        return client.getAccountUrl();
      }),
    newOrder: (request) =>
      ask(async () => {
        const { names, ...rest } = request;
        const identifiers = names.map((value) => ({ type: 'dns', value }));
        return orderDocument.parse(await client.createOrder({ identifiers, ...rest }));
      }),
    order: getOrder,
    authorizations: getAuthorizations,
    challengeValue: (challenge) => client.getChallengeKeyAuthorization(asDnsChallenge(challenge)),
    respond: (challenge) =>
      ask(async () => {
        await client.completeChallenge(asDnsChallenge(challenge));
      }),
    validated: (url) => poll(url, ['pending']),
    finalize: (order, csrPem) =>
      ask(async () => orderDocument.parse(await client.finalizeOrder(asOrder(order), csrPem))),
    issued: (url) => poll(url, ['pending', 'ready', 'processing']),
    download: (order) =>
      ask(async () =>
        z
          .string()
          .includes('BEGIN CERTIFICATE')
          .parse(await client.getCertificate(asOrder(order))),
      ),
    [Symbol.dispose]: () => exchange.agent.destroy(),
  };
}

/** acme-client's type wants a whole order; of one that only names its URL it reads no more than that. */
function asOrder(order: Partial<Order> & Pick<Order, 'url'>): acme.Order {
  return {
    url: order.url,
    status: order.status ?? 'pending',
    identifiers: [],
    authorizations: [...(order.authorizations ?? [])],
    finalize: order.finalize ?? '',
    ...(order.certificate === undefined ? {} : { certificate: order.certificate }),
  };
}

function asDnsChallenge(challenge: Challenge): DnsChallenge {
  const { url, status, token } = challenge;
  return { type: 'dns-01', url, status, token: token ?? '' };
}
