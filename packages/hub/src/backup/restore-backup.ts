import { chown, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  errorText,
  exitCodes,
  SixhubError,
  systemCode,
  usageError,
  writeWhole,
} from '@sixhub/base';
import { parseHubConfig, type HubConfig } from '../config/config.js';
import { namedFiles } from '../config/named-files.js';
import { statePaths } from '../config/paths.js';
import { createMasterKey } from '../vault/master-key.js';
import type { Contents } from './contents.js';

export interface Restored {
  readonly config: HubConfig;
  readonly wroteConfig: boolean;
  /** Where the master key is now, where that is not where hub.toml looks for it. */
  readonly strayKey: string | undefined;
  /** Files that hub.toml names, written because they were not there. */
  readonly named: readonly string[];
  /** Files that it names and that neither were there nor are in the backup. */
  readonly lacking: readonly string[];
}

interface Place {
  readonly file: string;
  /** Take the hub.toml that is there. */
  readonly keepConfig: boolean;
}

interface Piece {
  readonly path: string;
  readonly content: Uint8Array | string;
  readonly mode: number;
}

/**
 * Puts a backup that was checked where a hub looks for it. Nothing that is there is ever replaced. The master key comes
 * last: a hub does not start on what a restore that was killed has left.
 */
export async function restore(contents: Contents, place: Place): Promise<Restored> {
  const kept = await keptConfig(place);
  const config = parseHubConfig(place.file, kept ?? contents.config);
  await refuseFull(config.state);
  const key = await placeOfKey(config);
  const named = await lackingFiles(config);
  const inBackup = contents.named.filter(({ path }) => named.includes(path));
  const paths = statePaths(config);
  const pieces: readonly Piece[] = [
    ...(kept === undefined ? [{ path: place.file, content: contents.config, mode: 0o640 }] : []),
    ...inBackup.map(({ path, content, secret }) => ({
      path,
      content,
      mode: secret ? 0o400 : 0o644,
    })),
    ...(contents.acmeDnsDatabase === undefined
      ? []
      : [{ path: paths.acmeDnsDatabase, content: contents.acmeDnsDatabase, mode: 0o600 }]),
    { path: paths.database, content: contents.database, mode: 0o600 },
    ...contents.masterKeys
      .map((content, index) => ({
        path: index === 0 ? key.path : paths.nextMasterKey,
        content,
        mode: 0o400,
      }))
      .toReversed(),
  ];
  await refuseInTheWay(pieces);
  await writeAll(config.state, pieces);
  if (contents.masterKeys.length === 0 && !key.stray) await createMasterKey(paths.masterKey);
  return {
    config,
    wroteConfig: kept === undefined,
    strayKey: key.stray && contents.masterKeys.length > 0 ? key.path : undefined,
    named: inBackup.map(({ path }) => path),
    lacking: named.filter((path) => !inBackup.some((file) => file.path === path)),
  };
}

async function keptConfig({ file, keepConfig }: Place): Promise<string | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    if (keepConfig) return text;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    if (!keepConfig) return undefined;
    throw usageError(`there is no ${file} to keep`, 'Leave out --keep-config: the backup has one.');
  }
  throw new SixhubError({
    code: 'config-exists',
    fact: `${file} is there already; nothing was written`,
    hint: 'Say --keep-config to take it instead of the one in the backup (for other addresses, for instance), or move it away.',
    exit: exitCodes.usage,
  });
}

/** A hub may have been there, or be there. */
async function refuseFull(state: string): Promise<void> {
  const [first] = await readdir(state).catch((error: unknown): string[] => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  if (first === undefined) return;
  throw new SixhubError({
    code: 'state-exists',
    fact: `${state} is not empty: it has ${first}; nothing was written`,
    hint: 'A hub is restored into an empty state directory only. If that hub is not wanted any more, stop it and move the directory away.',
    exit: exitCodes.usage,
  });
}

/** systemd makes the directory of a credential when the unit starts, and keeps it from being written. */
async function placeOfKey(
  config: HubConfig,
): Promise<{ readonly path: string; readonly stray: boolean }> {
  const { masterKey } = statePaths(config);
  const own = join(config.state, 'master.key');
  if (dirname(masterKey) === dirname(own)) return { path: masterKey, stray: false };
  const there = await stat(dirname(masterKey)).catch(() => undefined);
  const stray = there === undefined || masterKey.includes('/credentials/');
  return { path: stray ? own : masterKey, stray };
}

async function lackingFiles(config: HubConfig): Promise<readonly string[]> {
  const lacking: string[] = [];
  for (const { path } of namedFiles(config)) if (!(await isThere(path))) lacking.push(path);
  return lacking;
}

async function refuseInTheWay(pieces: readonly Piece[]): Promise<void> {
  for (const { path } of pieces) {
    if (!(await isThere(path))) continue;
    throw new SixhubError({
      code: 'file-exists',
      fact: `${path} is there already; nothing was written`,
      hint: 'Move it away: the backup has one that belongs to its database.',
      exit: exitCodes.usage,
    });
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

/** All of them, or none: what was written before one that can't be is taken away again. */
async function writeAll(state: string, pieces: readonly Piece[]): Promise<void> {
  const existed = await stat(state).catch(() => undefined);
  await mkdir(state, { recursive: true, mode: 0o700 });
  const written: string[] = [];
  try {
    for (const { path, content, mode } of pieces) {
      await mkdir(dirname(path), { recursive: true, mode: 0o755 });
      written.push(path);
      await writeWhole(path, content, { mode });
      // The hub's own user may have been given the directory before: what is in it is that user's.
      const isState = dirname(path) === state;
      if (isState && existed !== undefined && process.getuid?.() === 0)
        await chown(path, existed.uid, existed.gid);
    }
  } catch (error) {
    for (const path of written) await rm(path, { force: true });
    throw new SixhubError({
      code: 'restore-failed',
      fact: `${written.at(-1) ?? state} can't be written: ${errorText(error)}`,
      hint: 'Nothing of the restore is left. Check that the place may be written and has space, and run it again.',
      cause: error,
    });
  }
}
