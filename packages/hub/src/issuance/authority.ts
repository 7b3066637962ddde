import { readFile } from 'node:fs/promises';
import { createKey, openSession, type AuthoritySession } from '@sixhub/acme';
import type { Clock } from '@sixhub/base';
import type { AuthorityConfig } from '../config/config.js';
import { rulesOf } from '../domain/order-limits.js';
import type { Authority } from '../ports.js';
import type { AuthorityAccountStore } from '../store/authority-accounts.js';

/** An authority of hub.toml: its account is made at first use, once, however many issuances start together. */
export function createAuthority(
  config: AuthorityConfig,
  accounts: AuthorityAccountStore,
  clock: Clock,
): Authority {
  let registering: Promise<string> | undefined;
  let making: Promise<void> | undefined;

  const open = async (signal: AbortSignal): Promise<AuthoritySession> => {
    const trust = config.trust === undefined ? undefined : await readFile(config.trust, 'utf8');
    const hmacKey =
      config.eab_hmac_key_file === undefined
        ? undefined
        : (await readFile(config.eab_hmac_key_file, 'utf8')).trim();
    const account = await ownAccount();
    const start = (url: string | undefined): AuthoritySession =>
      openSession({
        directoryUrl: config.directory,
        accountKey: account.key,
        clock,
        signal,
        ...(url === undefined ? {} : { accountUrl: url }),
        ...(trust === undefined ? {} : { trust }),
        ...(config.eab_key_id === undefined || hmacKey === undefined
          ? {}
          : { externalAccount: { keyId: config.eab_key_id, hmacKey } }),
      });
    if (account.url !== undefined) return start(account.url);
    const session = start(undefined);
    registering ??= register(session).finally(() => (registering = undefined));
    try {
      const url = await registering;
      session[Symbol.dispose]();
      return start(url);
    } catch (error) {
      session[Symbol.dispose]();
      throw error;
    }
  };

  const register = async (session: AuthoritySession): Promise<string> => {
    const url = await session.register(config.contact.map((address) => `mailto:${address}`));
    await accounts.setUrl(config.directory, url);
    return url;
  };

  /** The key is stored before it is used: an account whose key was lost is lost. */
  const ownAccount = async (): Promise<{ key: string; url?: string }> => {
    const stored = await accounts.find(config.directory);
    if (stored !== undefined) return stored;
    making ??= (async () => {
      await accounts.create(config.directory, await createKey('p256'), clock.now());
    })().finally(() => (making = undefined));
    await making;
    return ownAccount();
  };

  return {
    name: config.name,
    directory: config.directory,
    preferredChain: config.preferred_chain,
    rules: rulesOf(new URL(config.directory).host),
    profile: config.profile,
    open,
    forgetAccount: () => accounts.setUrl(config.directory, undefined),
  };
}
