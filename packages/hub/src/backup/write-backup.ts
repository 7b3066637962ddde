import { randomBytes } from 'node:crypto';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorText, exitCodes, SixhubError, syncDirectory, systemCode } from '@sixhub/base';

/**
 * Writes a backup whole or not at all: a temporary name beside it, fsync, then its own name, which is taken from no
 * other file unless `replace` says so. Readable for its owner alone. Returns its length.
 */
export async function writeBackup(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  { replace, signal }: { readonly replace: boolean; readonly signal: AbortSignal },
): Promise<number> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    const bytes = await fill(temporary, chunks, signal);
    if (replace) await rename(temporary, path);
    else await give(temporary, path);
    await syncDirectory(dirname(path));
    return bytes;
  } catch (error) {
    throw notWritten(path, error, signal);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Before the work is done, too: a passphrase was typed for nothing otherwise. */
export async function refuseExisting(path: string): Promise<void> {
  const known = await stat(path).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (known !== undefined) throw inTheWay(path);
}

/** Unlike a rename, a link fails where something stands already; a file system without links (vfat) has to do without. */
async function give(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes(code)) throw error;
    await refuseExisting(path);
    await rename(temporary, path);
  }
}

async function fill(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<number> {
  const file = await open(path, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      await file.writeFile(chunk);
      bytes += chunk.length;
    }
    await file.sync();
    return bytes;
  } finally {
    await file.close();
  }
}

function notWritten(path: string, error: unknown, signal: AbortSignal): SixhubError {
  if (error instanceof SixhubError) return error;
  if (systemCode(error) === 'EEXIST') return inTheWay(path);
  return new SixhubError({
    code: 'backup-not-written',
    fact: signal.aborted
      ? `interrupted: ${path} was not written`
      : `${path} can't be written: ${errorText(error)}`,
    hint: signal.aborted
      ? 'Nothing is left of it. Run the command again.'
      : 'Nothing is left of it. Check that its directory exists, may be written, and has space.',
    cause: error,
  });
}

function inTheWay(path: string): SixhubError {
  return new SixhubError({
    code: 'file-exists',
    fact: `${path} is there already, and was left as it is`,
    hint: 'Name another file, or say --replace.',
    exit: exitCodes.usage,
  });
}
