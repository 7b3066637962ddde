import { isWrongClock, wrongClock } from './domain/clock-skew.js';
import type { RevocationReason } from './domain/revocation.js';
import type { Authorization, Challenge, Directory, Order } from './http/documents.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { Account, type ExternalAccount } from './resources/account.js';
import { challengeValue, readAuthorizations, respond } from './resources/authorization.js';
import {
  downloadCertificate,
  revokeByAccount,
  revokeByCertificateKey,
} from './resources/certificate.js';
import { finalizeOrder, newOrder, readOrder, type NewOrder } from './resources/order.js';
import { orderPolling } from './resources/order-polling.js';
import { askRenewalInfo, type RenewalInfo } from './resources/renewal-info.js';

interface AccountOptions {
  /** PKCS#8 PEM; ECDSA P-256 by default at `createKey`. */
  readonly accountKey: string;
  /** Of an account that exists; `register` finds or makes one. */
  readonly accountUrl?: string;
  readonly externalAccount?: ExternalAccount;
  readonly signal?: AbortSignal;
}

/** A session has a connection of its own, or one that it shares with others and whose owner closes it. */
export type SessionOptions = AccountOptions &
  (ConnectionOptions | { readonly connection: Connection });

/** What an authority does for an account, one RFC 8555 step a method. Every failure is an `AuthorityProblem`. */
export interface AuthoritySession extends Disposable {
  /** §7.1.1, not older than a minute. */
  directory(): Promise<Directory>;
  /** §7.3: finds the key's account or makes one, agreeing to the terms. Returns its URL. */
  register(contact: readonly string[]): Promise<string>;
  /** §7.3.2, as POST-as-GET: whether the authority knows the account by this key. */
  lookUp(): Promise<void>;
  /** §7.3.2. */
  updateContact(contact: readonly string[]): Promise<void>;
  /** §7.3.5: from now on the account has this key, PKCS#8 PEM, and the session signs with it. */
  changeKey(newKeyPem: string): Promise<void>;
  /** §7.3.6: for good; nobody can use the account after this. */
  deactivate(): Promise<void>;
  /**
   * §7.4. The order may come back `ready`, or even be one that was made before: read its status. `replaces` is left
   * out where the directory has no renewalInfo, and where the authority refuses it (RFC 9773 §5): the order counts.
   * None is made while this machine's clock is wrong (`wrong-clock`).
   */
  newOrder(request: NewOrder): Promise<Order>;
  order(url: string): Promise<Order>;
  /** §7.5. */
  authorizations(order: Order): Promise<readonly Authorization[]>;
  /** §8.4: what the TXT record for a dns-01 challenge must hold. */
  challengeValue(challenge: Challenge): Promise<string>;
  /** §7.5.1: asks for validation. */
  respond(challenge: Challenge): Promise<void>;
  /** §7.5.1: waits until the order left `pending`; `invalid` throws with what the authority saw, name by name, and `slow` for now. */
  validated(url: string): Promise<Order>;
  /** §7.4. Not while this machine's clock is wrong: what is issued could not be told good from bad. */
  finalize(order: Order, csrPem: string): Promise<Order>;
  /** §7.4: waits until the order is `valid`; `slow` where it is not in time. */
  issued(url: string): Promise<Order>;
  /** §7.4.2: leaf and issuers, PEM; of the chains offered, the one with an issuer of this common name, if any has. */
  download(order: Order, preferredChain?: string): Promise<string>;
  /** RFC 9773 §4.1; undefined where the authority has no renewal information. Nothing is to be planned by a wrong clock. */
  renewalInfo(id: string): Promise<RenewalInfo | undefined>;
  /** §7.6, signed by the account that ordered it. */
  revoke(certificatePem: string, reason: RevocationReason): Promise<void>;
  /** §7.6, signed by the certificate's own key: for one whose account is gone. */
  revokeByKey(
    certificatePem: string,
    privateKeyPem: string,
    reason: RevocationReason,
  ): Promise<void>;
  /** Throws `wrong-clock` where this machine's clock is more than an hour off, by the authority's. */
  checkClock(): Promise<void>;
}

export function openSession(options: SessionOptions): AuthoritySession {
  const { signal, externalAccount } = options;
  const isOwn = !('connection' in options);
  const connection = isOwn ? new Connection(options) : options.connection;
  const exchange = connection.exchange(signal);
  const account = new Account(options.accountKey, options.accountUrl);
  const { host, clock } = connection;
  const directory = () => connection.directory(exchange);

  /** The address of what not every authority has. */
  const addressOf = async (resource: 'revokeCert' | 'keyChange'): Promise<string> => {
    const url = (await directory())[resource];
    if (url === undefined) throw exchange.malformed(`its directory has no ${resource}`);
    return url;
  };

  const checkClock = async (): Promise<void> => {
    await directory();
    const { aheadMs } = connection;
    if (aheadMs !== undefined && isWrongClock(aheadMs))
      throw wrongClock(host, aheadMs, clock.now());
  };

  const polling = orderPolling({
    ...{ host, clock, signal },
    readOrder: (url) => readOrder(exchange, account, url),
    readAuthorizations: (order) => readAuthorizations(exchange, account, order),
  });

  return {
    directory,
    checkClock,
    register: async (contact) =>
      account.register(exchange, (await directory()).newAccount, contact, externalAccount),
    lookUp: () => account.update(exchange, undefined),
    updateContact: (contact) => account.update(exchange, { contact }),
    changeKey: async (newKeyPem) =>
      account.changeKey(exchange, await addressOf('keyChange'), newKeyPem),
    deactivate: () => account.update(exchange, { status: 'deactivated' }),
    async newOrder(request) {
      await checkClock();
      return newOrder(exchange, account, await directory(), request);
    },
    order: async (url) => (await readOrder(exchange, account, url)).order,
    authorizations: (order) => readAuthorizations(exchange, account, order),
    challengeValue: (challenge) => Promise.resolve(challengeValue(account, challenge)),
    respond: async (challenge) => polling.lookAfter(await respond(exchange, account, challenge)),
    validated: (url) => polling.until(url, ['pending']),
    async finalize(order, csrPem) {
      await checkClock();
      const seen = await finalizeOrder(exchange, account, order, csrPem);
      if (seen.order.status !== 'valid') polling.lookAfter(seen.retryAfterMs);
      return seen.order;
    },
    issued: (url) => polling.until(url, ['pending', 'ready', 'processing']),
    download: (order, preferredChain) =>
      downloadCertificate(exchange, account, order, preferredChain),
    async renewalInfo(id) {
      const { renewalInfo } = await directory();
      if (renewalInfo === undefined) return undefined;
      await checkClock();
      return askRenewalInfo(exchange, renewalInfo, id);
    },
    revoke: async (certificatePem, reason) =>
      revokeByAccount(exchange, account, await addressOf('revokeCert'), certificatePem, reason),
    revokeByKey: async (certificatePem, privateKeyPem, reason) =>
      revokeByCertificateKey(
        exchange,
        await addressOf('revokeCert'),
        certificatePem,
        privateKeyPem,
        reason,
      ),
    [Symbol.dispose]: () => {
      if (isOwn) connection[Symbol.dispose]();
    },
  };
}
