import { existsSync } from 'node:fs';
import {
  chown,
  copyFile,
  lstat,
  mkdir,
  open,
  readFile,
  readlink,
  rm,
  rmdir,
  symlink,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory, systemCode, writeWhole } from '@sixhub/base';
import type { FileState, Snapshot } from '../domain/apply/snapshot.js';
import { nameOf } from './store.js';

/** Copies of these files as they are, below the apply's own directory, on the disk when this returns. */
export async function keepFiles(
  directory: string,
  number: number,
  paths: readonly string[],
): Promise<Pick<Snapshot, 'files' | 'madeDirectories'>> {
  const place = join(nameOf(number), 'files');
  await mkdir(join(directory, place), { recursive: true, mode: 0o700 });
  const files: FileState[] = [];
  for (const [index, path] of paths.entries()) {
    files.push(await keep(directory, path, join(place, String(index))));
  }
  await syncDirectory(join(directory, place));
  const made = new Set(paths.flatMap((path) => missingAbove(path)));
  return { files, madeDirectories: [...made] };
}

async function keep(directory: string, path: string, copy: string): Promise<FileState> {
  const found = await lstat(path).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  });
  if (found === undefined) return { path, kind: 'absent' };
  if (found.isSymbolicLink()) return { path, kind: 'link', to: await readlink(path) };
  await copyFile(path, join(directory, copy));
  await using handle = await open(join(directory, copy), 'r');
  await handle.sync();
  const { mode, uid, gid } = found;
  return { path, kind: 'file', mode: mode & 0o7777, uid, gid, copy };
}

/** Outermost first. */
function missingAbove(path: string): readonly string[] {
  const above = dirname(path);
  return above === '/' || existsSync(above) ? [] : [...missingAbove(above), above];
}

/**
 * Files as they were; those that are so are not written again. What was not there goes first, which makes room where a disk is
 * full. Returns what could not be done.
 */
export async function bringFilesBack(
  directory: string,
  { files, madeDirectories }: Pick<Snapshot, 'files' | 'madeDirectories'>,
): Promise<{ readonly changed: readonly string[]; readonly faults: readonly Error[] }> {
  const changed: string[] = [];
  const faults: Error[] = [];
  const absent = files.filter(({ kind }) => kind === 'absent');
  for (const file of [...absent, ...files.filter((one) => !absent.includes(one))]) {
    try {
      if (await bringBack(directory, file)) changed.push(file.path);
    } catch (error) {
      faults.push(
        new Error(`${file.path}: ${error instanceof Error ? error.message : String(error)}`),
      );
    }
  }
  for (const made of [...madeDirectories].reverse()) {
    await rmdir(made).catch(() => undefined); // somebody else's files are in it
  }
  return { changed, faults };
}

async function bringBack(directory: string, file: FileState): Promise<boolean> {
  switch (file.kind) {
    case 'absent': {
      const there = await lstat(file.path).catch(() => undefined);
      if (there === undefined) return false;
      await rm(file.path);
      await syncDirectory(dirname(file.path));
      return true;
    }
    case 'link': {
      if ((await readlink(file.path).catch(() => undefined)) === file.to) return false;
      await rm(file.path, { force: true });
      await symlink(file.to, file.path);
      return true;
    }
    case 'file':
      return bringFile(join(directory, file.copy), file);
    default:
      return file satisfies never;
  }
}

async function bringFile(
  copy: string,
  { path, mode, uid, gid }: FileState & { readonly kind: 'file' },
): Promise<boolean> {
  const text = await readFile(copy);
  const now = await readFile(path).catch(() => undefined);
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile() === true && now?.equals(text) === true && (found.mode & 0o7777) === mode)
    return false;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeWhole(path, text, { mode, owner: { uid, gid } });
  } catch (error) {
    if (systemCode(error) !== 'ENOSPC' || found?.isFile() !== true) throw error;
    // No room for two: over what is there, whose room it has.
    await using handle = await open(path, 'r+');
    await handle.truncate(0);
    await handle.writeFile(text);
    await handle.chmod(mode);
    await handle.sync();
    await chown(path, uid, gid);
  }
  return true;
}
