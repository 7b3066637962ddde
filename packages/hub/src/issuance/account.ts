import { AuthorityProblem, createKey, type AuthoritySession } from '@sixhub/acme';
import type { Clock } from '@sixhub/base';
import type { AuthorityRules } from '../domain/limits.js';
import type { AuthorityAccount } from '../ports.js';
import type { AuthorityAccountStore, StoredAccount } from '../store/authority-accounts.js';
import { thumbprintOf } from '../store/public-key.js';
import { Gate } from './gate.js';
import type { Limits } from './limits.js';

export interface AccountContext {
  readonly name: string;
  readonly directory: string;
  readonly rules: AuthorityRules;
  /** `mailto:` URLs. */
  readonly contact: readonly string[];
  readonly accounts: AuthorityAccountStore;
  readonly limits: Limits;
  readonly clock: Clock;
  /** A session that signs with this key, for the account at `url`. */
  start(key: string, url: string, signal: AbortSignal): Promise<AuthoritySession>;
  /** A session that signs with this key and can register it. */
  startNew(key: string, signal: AbortSignal): Promise<AuthoritySession>;
}

type Registered = StoredAccount & { readonly url: string };

/**
 * Our account at one authority (RFC 8555 §7.3). It is made at first use, once, however many issuances start together.
 * A key is always stored before the authority hears of it: an account whose key was lost is lost. Who uses the account
 * and who changes it take turns, so that nobody takes a change in the middle for one that was broken off.
 */
export function createAccount(context: AccountContext): AuthorityAccount {
  const { accounts, clock, directory, limits, name } = context;
  const host = new URL(directory).host;
  const turn = new Gate(1);
  let readying: Promise<Registered> | undefined;

  const ready = async (signal: AbortSignal): Promise<Registered> => {
    const account = await settle(await stored(), signal);
    if (account.deactivatedAt !== undefined) {
      throw new AuthorityProblem({
        kind: 'account-deactivated',
        authority: host,
        detail: `our account at ${name} was deactivated on ${account.deactivatedAt.toISOString()}`,
      });
    }
    if (account.url !== undefined) return { ...account, url: account.url };
    await limits.checkNewAccount(context);
    using session = await context.startNew(account.key, signal);
    const url = await session.register(context.contact);
    await limits.accountMade(context);
    await accounts.setUrl(directory, url);
    return { ...account, url };
  };

  const stored = async (): Promise<StoredAccount> => {
    const found = await accounts.find(directory);
    if (found !== undefined) return found;
    await accounts.create(directory, await createKey('p256'), clock.now());
    return stored();
  };

  /** §7.3.5 was broken off: which of the two keys is the account's, only the authority can tell. */
  const settle = async (account: StoredAccount, signal: AbortSignal): Promise<StoredAccount> => {
    const { key, nextKey, url } = account;
    if (nextKey === undefined) return account;
    if (url !== undefined && (await isKeyOf(url, nextKey, signal))) {
      await accounts.adoptNextKey(directory, clock.now());
    } else if (url === undefined || (await isKeyOf(url, key, signal))) {
      await accounts.dropNextKey(directory);
    } else {
      throw new AuthorityProblem({
        kind: 'account-unknown',
        authority: host,
        detail: `it knows our account by neither key, the old or the new`,
      });
    }
    return stored();
  };

  const isKeyOf = async (url: string, key: string, signal: AbortSignal): Promise<boolean> => {
    using session = await context.start(key, url, signal);
    try {
      await session.lookUp();
      return true;
    } catch (error) {
      // §6.2: a wrong signature is `malformed` or `unauthorized`; anything else says nothing about the key.
      if (!(error instanceof AuthorityProblem)) throw error;
      if (error.kind === 'malformed' || error.kind === 'unauthorized') return false;
      throw error;
    }
  };

  /** With the account as it is now, nobody else at it; registered first where it is not. */
  const change = (
    signal: AbortSignal,
    work: (session: AuthoritySession) => Promise<void>,
  ): Promise<void> =>
    turn.pass(async () => {
      const { key, url } = await ready(signal);
      using session = await context.start(key, url, signal);
      await work(session);
    });

  const rollover = (signal: AbortSignal): Promise<void> =>
    change(signal, async (session) => {
      const nextKey = await createKey('p256');
      await accounts.prepareKey(directory, nextKey);
      await session.changeKey(nextKey);
      await accounts.adoptNextKey(directory, clock.now());
    });

  const registerAnew = (signal: AbortSignal): Promise<void> =>
    turn.pass(async () => {
      await accounts.create(directory, await createKey('p256'), clock.now());
      await ready(signal);
    });

  /** Whoever knows the key may have changed it, or closed the account. */
  const isOurs = async (signal: AbortSignal): Promise<boolean> => {
    try {
      const { key, url, deactivatedAt } = await settle(await stored(), signal);
      return url !== undefined && deactivatedAt === undefined && (await isKeyOf(url, key, signal));
    } catch (error) {
      if (error instanceof AuthorityProblem && error.kind === 'account-unknown') return false;
      throw error;
    }
  };

  return {
    async open(signal) {
      readying ??= turn.pass(() => ready(signal)).finally(() => (readying = undefined));
      const { key, url } = await readying;
      return context.start(key, url, signal);
    },
    async identity(signal) {
      const { key, url, formerKeys } = await turn.pass(() => ready(signal));
      return { url, thumbprints: [thumbprintOf(key), ...formerKeys] };
    },
    async describe() {
      const account = await accounts.find(directory);
      return {
        url: account?.url,
        keyAt: account?.keyAt,
        deactivatedAt: account?.deactivatedAt,
        changingKey: account?.nextKey !== undefined,
        contact: context.contact,
      };
    },
    update: (signal) => change(signal, (session) => session.updateContact(context.contact)),
    rollover,
    deactivate: (signal) =>
      change(signal, async (session) => {
        try {
          await session.deactivate();
        } catch (error) {
          // Done before, and not written down.
          if (!(error instanceof AuthorityProblem) || error.kind !== 'unauthorized') throw error;
        }
        await accounts.markDeactivated(directory, clock.now());
      }),
    registerAnew,
    async replaceKey(signal) {
      if (await turn.pass(() => isOurs(signal))) await rollover(signal);
      else await registerAnew(signal);
    },
    // In turn: a new key that the authority has just taken must not be lost.
    forget: () =>
      turn.pass(async () => {
        await accounts.dropNextKey(directory);
        await accounts.setUrl(directory, undefined);
      }),
  };
}
