import { createHash } from 'node:crypto';
import { lstat, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory, systemCode } from '@sixhub/base';
import type { Copy } from '../domain/keeping.js';
import { stagedPath } from '../domain/staged-path.js';
import { writeSynced } from '../live/synced-file.js';
import { ignoreMissing, systemWords } from '../live/system-words.js';
import type { FoundCopy } from './judgement.js';

/** One path outside the agent's own directories, where a copy comes to lie. */

export async function findCopy(path: string): Promise<FoundCopy> {
  const found = await lstat(path).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') throw error;
    return undefined;
  });
  if (found === undefined) return { kind: 'missing' };
  if (found.isSymbolicLink()) return { kind: 'other', what: 'a link' };
  if (found.isDirectory()) return { kind: 'other', what: 'a directory' };
  if (!found.isFile()) return { kind: 'other', what: 'no file' };
  const sha256 = sha256Of(await readFile(path));
  return { kind: 'file', rights: found, sha256 };
}

export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Why nothing is put there, with the remedy. A link is not followed and not replaced: it may lead anywhere, and what it
 * stands for is its maker's choice. A directory is not made: who may look into it is not for the agent to guess.
 */
export async function placeFault(path: string): Promise<string | undefined> {
  const directory = dirname(path);
  const parent = await stat(directory).catch(ignoreMissing);
  if (parent === undefined) {
    return `there is no directory ${directory}: make it, with the owner and the mode that it should have`;
  }
  if ((parent.mode & 0o1002) === 0o002) {
    return `everyone may exchange files in ${directory}, and a key is to lie there: chmod o-w ${directory}`;
  }
  const found = await lstat(path).catch(ignoreMissing);
  if (found === undefined || found.isFile()) return undefined;
  return found.isSymbolicLink()
    ? `${path} is a link: name in agent.toml what it leads to, or remove it`
    : `${path} is no file: choose another path in agent.toml, or remove it`;
}

/** Complete, with its rights, beside its place. */
export async function stageCopy(
  { path, rights }: Copy,
  content: string | Uint8Array,
): Promise<void> {
  await discardStaged(path);
  await writeSynced(stagedPath(path), content, { mode: rights.mode, owner: rights });
}

export async function placeCopy(path: string): Promise<void> {
  await rename(stagedPath(path), path);
  await syncDirectory(dirname(path));
}

/** Looks first: also where nothing could be removed, nothing need be. */
export async function discardStaged(path: string): Promise<void> {
  const found = await findCopy(stagedPath(path));
  if (found.kind !== 'missing') await unlink(stagedPath(path));
}

/** With what an administrator can do about it, where the unit's own sandbox is the likely reason. */
export function wordsAbout(path: string, error: unknown): string {
  const words = `${path}: ${systemWords(error)}`;
  if (systemCode(error) !== 'EROFS') return words;
  return `${words}; under systemd the unit may not write there until \`hub-agent detect --write\` lets it`;
}
