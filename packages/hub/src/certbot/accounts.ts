import { createPrivateKey } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { errorText } from '@sixhub/base';
import { z } from 'zod';
import type { CertbotAccount, Untaken } from './lineage.js';

const regr = z.object({ uri: z.url({ protocol: /^https$/ }) });
const jwk = z.record(z.string(), z.string());

/**
 * accounts/HOST/PATH/ID: the authority's directory URL without its scheme, then an account with its key as JWK (RFC
 * 7517). Of several at one authority the one that most lineages use is taken.
 */
export async function readAccounts(
  directory: string,
  uses: ReadonlyMap<string, number>,
): Promise<{ readonly taken: readonly CertbotAccount[]; readonly untaken: readonly Untaken[] }> {
  const found = new Map<string, string[]>();
  for (const path of await accountDirectories(directory)) {
    const server = `https://${relative(directory, dirname(path))}`;
    found.set(server, [...(found.get(server) ?? []), path]);
  }
  const taken: CertbotAccount[] = [];
  const untaken: Untaken[] = [];
  const useOf = (path: string): number => uses.get(relative(dirname(path), path)) ?? 0;
  for (const [server, paths] of found) {
    const [best, ...others] = paths.toSorted((one, other) => useOf(other) - useOf(one));
    if (best !== undefined) {
      const read = await readAccount(server, best);
      if ('account' in read) taken.push(read.account);
      else untaken.push(read.untaken);
    }
    for (const other of others) {
      untaken.push({
        what: other,
        why: `it is another account at ${server}, and the hub has one an authority`,
        hint: `Nothing is to be done: ${best} is the one that more certificates use.`,
      });
    }
  }
  return { taken, untaken };
}

async function accountDirectories(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  return entries
    .filter((entry) => entry.name === 'private_key.json')
    .map((entry) => entry.parentPath)
    .toSorted();
}

async function readAccount(
  server: string,
  path: string,
): Promise<{ readonly account: CertbotAccount } | { readonly untaken: Untaken }> {
  try {
    const read = async (file: string): Promise<unknown> =>
      JSON.parse(await readFile(join(path, file), 'utf8'));
    const key = createPrivateKey({
      key: jwk.parse(await read('private_key.json')),
      format: 'jwk',
    });
    return {
      account: {
        directory: server,
        url: regr.parse(await read('regr.json')).uri,
        key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
      },
    };
  } catch (error) {
    return {
      untaken: {
        what: path,
        why: `the account can't be read: ${errorText(error)}`,
        hint: 'The hub makes an account of its own at the first order there.',
      },
    };
  }
}
