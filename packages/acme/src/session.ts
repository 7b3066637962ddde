import { Agent } from 'node:https';
import type { Clock } from '@sixhub/base';
import acme from 'acme-client';
import { z } from 'zod';
import { accountActions, type AccountActions } from './account.js';
import {
  authorizationDocument,
  directoryDocument,
  orderDocument,
  type Authorization,
  type Challenge,
  type Directory,
  type Order,
} from './http/documents.js';
import { AuthorityProblem } from './domain/problem.js';
import type { ProblemKind } from './domain/problem-kind.js';
import { plainGet, withExchange, type Exchange } from './http/exchange.js';
import { orderPolling } from './order-polling.js';
import type { RevocationReason } from './domain/revocation.js';
import { revokeByKey } from './revoke-by-key.js';
import { askRenewalInfo, type RenewalInfo } from './renewal-info.js';

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
export interface AuthoritySession extends AccountActions, Disposable {
  /** §7.1.1, read once a session. */
  directory(): Promise<Directory>;
  /**
   * §7.4. The order may come back `ready`, or even be one that was made before: read its status. `replaces` is left
   * out where the directory has no renewalInfo, and where the authority refuses it (RFC 9773 §5): the order counts.
   */
  newOrder(request: NewOrder): Promise<Order>;
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
  /** §7.4.2: leaf and issuers, PEM; of the chains offered, the one with an issuer of this common name, if any has. */
  download(order: Order, preferredChain?: string): Promise<string>;
  /** RFC 9773 §4.1; undefined where the authority has no renewal information. */
  renewalInfo(id: string): Promise<RenewalInfo | undefined>;
  /** §7.6, signed by the certificate's own key: for one whose account is gone. */
  revokeByKey(
    certificatePem: string,
    privateKeyPem: string,
    reason: RevocationReason,
  ): Promise<void>;
}

interface NewOrder {
  readonly names: readonly string[];
  readonly profile?: string;
  /** `renewalInfoId` of the certificate that this one comes after. */
  readonly replaces?: string;
}

/** An order is refused so for what it says it replaces; without that it may be good. `unauthorized`: another account's. */
const notReplaceable: ReadonlySet<ProblemKind> = new Set([
  'already-replaced',
  'malformed',
  'unauthorized',
]);

export function openSession(options: SessionOptions): AuthoritySession {
  const { clock } = options;
  const host = new URL(options.directoryUrl).host;
  const exchange: Exchange = {
    host,
    directoryUrl: new URL(options.directoryUrl).href,
    directory: undefined,
    agent: new Agent({
      keepAlive: true,
      maxSockets: 8,
      ...(options.trust === undefined ? {} : { ca: options.trust }),
    }),
    timeoutMs: options.timeoutMs ?? 30_000,
    signal: options.signal,
    now: () => clock.now(),
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

  let known: Promise<Directory> | undefined;
  const directory = (): Promise<Directory> =>
    (known ??= ask(async () => {
      const { data } = await plainGet(exchange, options.directoryUrl);
      exchange.directory = data;
      return directoryDocument.parse(JSON.parse(data));
    }));

  const createOrder = ({ names, ...rest }: NewOrder): Promise<Order> =>
    ask(async () => {
      const identifiers = names.map((value) => ({ type: 'dns', value }));
      return orderDocument.parse(await client.createOrder({ identifiers, ...rest }));
    });

  const newOrder = async ({ replaces, ...request }: NewOrder): Promise<Order> => {
    const { renewalInfo, meta } = await directory();
    const offered = Object.keys(meta.profiles);
    if (request.profile !== undefined && !offered.includes(request.profile)) {
      throw new AuthorityProblem({
        kind: 'invalid-profile',
        authority: host,
        detail: `it has no profile ${request.profile}; it offers ${offered.join(', ') || 'none'}`,
      });
    }
    if (replaces === undefined || renewalInfo === undefined) return createOrder(request);
    try {
      return await createOrder({ ...request, replaces });
    } catch (error) {
      if (!(error instanceof AuthorityProblem) || !notReplaceable.has(error.kind)) throw error;
      return createOrder(request);
    }
  };

  const polling = orderPolling({ host, exchange, clock, getOrder, getAuthorizations });

  return {
    ...accountActions(client, ask),
    directory,
    newOrder,
    order: getOrder,
    authorizations: getAuthorizations,
    challengeValue: (challenge) => client.getChallengeKeyAuthorization(asDnsChallenge(challenge)),
    respond: (challenge) =>
      ask(async () => {
        await client.completeChallenge(asDnsChallenge(challenge));
      }),
    validated: (url) => polling.until(url, ['pending']),
    finalize: (order, csrPem) =>
      ask(async () => orderDocument.parse(await client.finalizeOrder(asOrder(order), csrPem))),
    issued: (url) => polling.until(url, ['pending', 'ready', 'processing']),
    download: (order, preferredChain) =>
      ask(async () =>
        z
          .string()
          .includes('BEGIN CERTIFICATE')
          .parse(await client.getCertificate(asOrder(order), preferredChain)),
      ),
    renewalInfo: async (id) => {
      const { renewalInfo } = await directory();
      return renewalInfo === undefined
        ? undefined
        : ask(() => askRenewalInfo(exchange, renewalInfo, id));
    },
    revokeByKey: (certificatePem, privateKeyPem, reason) =>
      ask(() => revokeByKey(exchange, certificatePem, privateKeyPem, reason)),
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
