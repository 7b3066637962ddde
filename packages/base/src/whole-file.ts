import { randomBytes } from 'node:crypto';
import { open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface WholeFileOptions {
  /** Permission bits, set before the first byte is written. */
  readonly mode: number;
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Writes a file so that a reader, and a machine that loses power, sees the old content or the new, never a part:
 * a temporary name in the same directory, fsync, rename, fsync of the directory. The new file never has
 * wider permissions than `mode`, not for an instant, whatever the umask.
 */
export async function writeWhole(
  path: string,
  content: string | Uint8Array,
  options: WholeFileOptions,
): Promise<void> {
  const directory = dirname(path);
  const temporary = join(directory, `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  const file = await open(temporary, 'wx', 0o600);
  try {
    await fill(file, content, options);
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined); // the first error is the one to tell
    throw error;
  }
  await syncDirectory(directory);
}

async function fill(
  file: FileHandle,
  content: string | Uint8Array,
  options: WholeFileOptions,
): Promise<void> {
  try {
    if (options.owner !== undefined) await file.chown(options.owner.uid, options.owner.gid);
    await file.writeFile(content);
    await file.chmod(options.mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename or a new entry in `directory` survive a loss of power. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
