import { readFile } from 'node:fs/promises';
import {
  AuthorityProblem,
  Connection,
  createKey,
  openSession,
  type AuthoritySession,
} from '@sixhub/acme';
import { errorText, type Clock } from '@sixhub/base';
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
    config.trust === undefined ? undefined : readNamedFile(config, 'trust', config.trust);
  const start = async (
    accountKey: string,
    accountUrl: string | undefined,
    signal: AbortSignal,
  ): Promise<AuthoritySession> =>
    openSession({
      ...{ connection: connect(await roots()), accountKey, signal },
      ...(accountUrl === undefined ? {} : { accountUrl }),
    });
  /** Only who registers needs the MAC key: its file may be gone afterwards. */
  const startNew = async (accountKey: string, signal: AbortSignal): Promise<AuthoritySession> => {
    const { eab_key_id: keyId, eab_hmac_key_file: file } = config;
    const connection = connect(await roots());
    if (keyId === undefined || file === undefined) {
      return openSession({ connection, accountKey, signal });
    }
    const hmacKey = (await readNamedFile(config, 'eab_hmac_key_file', file)).trim();
    return openSession({ connection, accountKey, signal, externalAccount: { keyId, hmacKey } });
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
    startNew,
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

/** One that can't be read is the trouble of its authority alone: others may well issue. */
async function readNamedFile(
  { name, directory }: AuthorityConfig,
  key: 'trust' | 'eab_hmac_key_file',
  path: string,
): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new AuthorityProblem({
      kind: 'misconfigured',
      authority: new URL(directory).host,
      detail: `the file that \`${key}\` of authority ${name} names in hub.toml can't be read: ${errorText(error)}`,
      cause: error,
    });
  }
}
