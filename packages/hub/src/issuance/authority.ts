import { readFile } from 'node:fs/promises';
import { Connection, createKey, openSession, type AuthoritySession } from '@sixhub/acme';
import type { Clock } from '@sixhub/base';
import type { AuthorityConfig } from '../config/config.js';
import { rulesOf } from '../domain/limits.js';
import type { Authority } from '../ports.js';
import type { Store } from '../store/store.js';
import { createAccount } from './account.js';
import { Limits } from './limits.js';

/** An authority of hub.toml. */
export function createAuthority(
  config: AuthorityConfig,
  { authorityAccounts: accounts, orders }: Pick<Store, 'authorityAccounts' | 'orders'>,
  clock: Clock,
  /** The machine's own clock, where a test drives it too. */
  machineNow?: () => number,
): Authority {
  let known: { readonly trust: string | undefined; readonly connection: Connection } | undefined;
  /** One for all sessions; its sockets close by themselves when nobody uses them. */
  const connect = (trust: string | undefined): Connection => {
    if (known?.trust !== trust || known === undefined) {
      const { directory: directoryUrl } = config;
      const roots = trust === undefined ? {} : { trust };
      const machine = machineNow === undefined ? {} : { machineNow };
      const connection = new Connection({ directoryUrl, clock, ...roots, ...machine });
      known = { trust, connection };
    }
    return known.connection;
  };

  /** Files are read each time, so that a new root or MAC key needs no restart. */
  const roots = async (): Promise<string | undefined> =>
    config.trust === undefined ? undefined : readFile(config.trust, 'utf8');
  const start = async (
    accountKey: string,
    accountUrl: string | undefined,
    signal: AbortSignal,
  ): Promise<AuthoritySession> => {
    const trust = await roots();
    const hmacKey =
      config.eab_hmac_key_file === undefined
        ? undefined
        : (await readFile(config.eab_hmac_key_file, 'utf8')).trim();
    return openSession({
      connection: connect(trust),
      accountKey,
      signal,
      ...(accountUrl === undefined ? {} : { accountUrl }),
      ...(config.eab_key_id === undefined || hmacKey === undefined
        ? {}
        : { externalAccount: { keyId: config.eab_key_id, hmacKey } }),
    });
  };
  const { name, directory } = config;
  const contact = config.contact.map((address) => `mailto:${address}`);
  const rules = rulesOf(new URL(directory).host);
  const limits = new Limits(orders, clock);
  const account = createAccount({
    name,
    directory,
    rules,
    contact,
    accounts,
    limits,
    clock,
    start,
  });
  return {
    name,
    directory,
    preferredChain: config.preferred_chain,
    dnsPersist: config.dns_persist ?? false,
    rules,
    roots,
    profile: config.profile,
    account,
    open: (signal) => account.open(signal),
    openWithoutAccount: async (signal) => start(await createKey('p256'), undefined, signal),
  };
}
