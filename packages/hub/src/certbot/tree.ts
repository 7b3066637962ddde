import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, exitCodes, SixhubError, systemCode } from '@sixhub/base';
import { readAccounts } from './accounts.js';
import type { CertbotAccount, Lineage, Untaken } from './lineage.js';
import { parseRenewalSettings, settingsLeft, type RenewalSettings } from './renewal-settings.js';

/** A directory of certbot's, usually /etc/letsencrypt. It is only read. */
export interface CertbotTree {
  readonly lineages: readonly Lineage[];
  readonly accounts: readonly CertbotAccount[];
  readonly untaken: readonly Untaken[];
}

export async function readCertbotTree(directory: string): Promise<CertbotTree> {
  const configured = (await list(join(directory, 'renewal'), directory))
    .filter((file) => file.endsWith('.conf'))
    .map((file) => file.slice(0, -'.conf'.length));
  const live = (await list(join(directory, 'live'), directory)).filter((name) => name !== 'README');
  const lineages: Lineage[] = [];
  const untaken: Untaken[] = [];
  const uses = new Map<string, number>();
  for (const name of [...new Set([...configured, ...live])].toSorted()) {
    if (!configured.includes(name)) {
      untaken.push(abandoned(directory, name));
      continue;
    }
    const read = await readLineage(directory, name);
    if ('lineage' in read) lineages.push(read.lineage);
    else untaken.push(read.untaken);
    if (read.account !== undefined) uses.set(read.account, (uses.get(read.account) ?? 0) + 1);
  }
  const accounts = await readAccounts(join(directory, 'accounts'), uses);
  return { lineages, accounts: accounts.taken, untaken: [...untaken, ...accounts.untaken] };
}

/** A part that is not there is empty; a tree that is none, or may not be read, is told. */
async function list(part: string, directory: string): Promise<readonly string[]> {
  try {
    return await readdir(part);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' && (await isTree(directory))) return [];
    throw new SixhubError({
      code: 'no-certbot-tree',
      fact:
        code === 'ENOENT' || code === 'ENOTDIR'
          ? `${directory} is no directory of certbot's: it has neither renewal/ nor live/`
          : `${part} can't be read: ${errorText(error)}`,
      hint:
        code === 'EACCES'
          ? 'Run this as root: certbot keeps its keys from everybody else.'
          : 'It is usually /etc/letsencrypt.',
      exit: exitCodes.usage,
    });
  }
}

async function isTree(directory: string): Promise<boolean> {
  for (const part of ['renewal', 'live', 'accounts']) {
    if ((await stat(join(directory, part)).catch(() => undefined))?.isDirectory()) return true;
  }
  return false;
}

function abandoned(directory: string, name: string): Untaken {
  return {
    what: name,
    why: `there is no ${join(directory, 'renewal', `${name}.conf`)}: certbot does not renew it either`,
    hint: 'Is it still wanted? Then: hub issue DOMAIN',
  };
}

type ReadLineage = ({ readonly lineage: Lineage } | { readonly untaken: Untaken }) & {
  readonly account?: string;
};

async function readLineage(directory: string, name: string): Promise<ReadLineage> {
  const file = join(directory, 'renewal', `${name}.conf`);
  let settings: RenewalSettings;
  try {
    settings = parseRenewalSettings(await readFile(file, 'utf8'));
  } catch (error) {
    return { untaken: unreadable(name, file, error) };
  }
  const account = settings.params.get('account');
  const uses = account === undefined ? {} : { account };
  const live = (part: string): string => join(directory, 'live', name, `${part}.pem`);
  let at = live('fullchain');
  try {
    const fullchain = await readFile(at, 'utf8');
    at = live('privkey');
    const privateKey = await readFile(at, 'utf8');
    const lineage: Lineage = {
      ...{ name, fullchain, privateKey },
      server: settings.params.get('server'),
      reuseKey: settings.params.get('reuse_key') === 'True',
      notes: [...settingsLeft(settings), ...(await newerInArchive(directory, name))],
    };
    return { lineage, ...uses };
  } catch (error) {
    return { untaken: await missing(name, at, error), ...uses };
  }
}

function unreadable(name: string, file: string, error: unknown): Untaken {
  return {
    what: name,
    why: `${file} can't be read: ${errorText(error)}`,
    hint: 'Mend it, or issue anew: hub issue DOMAIN',
  };
}

async function missing(name: string, file: string, error: unknown): Promise<Untaken> {
  const target = await readlink(file).catch(() => undefined);
  const gone = systemCode(error) === 'ENOENT';
  return {
    what: name,
    why: !gone
      ? `${file} can't be read: ${errorText(error)}`
      : target === undefined
        ? `there is no ${file}`
        : `${file} is a broken link: there is no ${target}`,
    hint: 'certbot can’t renew it either. Put the file back, or issue anew: hub issue DOMAIN',
  };
}

/** A renewal that was broken off between archive and live; what services read is what live leads to. */
async function newerInArchive(directory: string, name: string): Promise<readonly string[]> {
  const number = (file: string): number => Number(/cert(\d+)\.pem$/.exec(file)?.[1] ?? 0);
  const linked = number(await readlink(join(directory, 'live', name, 'cert.pem')).catch(() => ''));
  const files = await readdir(join(directory, 'archive', name)).catch(() => []);
  const newest = Math.max(0, ...files.filter((file) => file.startsWith('cert')).map(number));
  if (linked === 0 || newest <= linked) return [];
  return [
    `archive/${name}/cert${newest}.pem is newer than what live/${name} leads to; what live has is taken`,
  ];
}
