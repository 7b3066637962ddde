import { createHash } from 'node:crypto';
import { dirname, join, basename } from 'node:path/posix';
import { promisify } from 'node:util';
import { errorText, SixhubError, Stopped } from '@sixhub/base';
import type { SFTPWrapper } from 'ssh2';
import type { RemoteResult } from './connection.js';

/**
 * A file of the other machine, written so that a reader, and a machine that loses power, sees the old content or the new: a
 * temporary name beside it, fsync where the server has that extension, one rename. The temporary name is fixed: what a
 * killed run left there is swept away by the next.
 */
export type WriteFile = (path: string, content: Uint8Array, mode: number) => Promise<void>;

type Run = (words: readonly string[], input?: string) => Promise<RemoteResult>;

/** As the user who logged in. */
export function bySftp(
  sftp: SFTPWrapper,
  unlessLost: (work: Promise<void>) => Promise<void>,
): WriteFile {
  return (path, content, mode) =>
    told(path, unlessLost(writeBySftp(sftp, { path, content, mode })));
}

/** As root, where SFTP is another user's. */
export function bySudo(run: Run): WriteFile {
  return (path, content, mode) => told(path, writeBySudo(run, { path, content, mode }));
}

async function told(path: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SixhubError || error instanceof Stopped) throw error;
    throw new SixhubError({
      code: 'remote-write-failed',
      fact: `${path} can't be written there: ${errorText(error)}`,
      hint: 'What stood there stands still. Is the disk full, or mounted read-only?',
    });
  }
}

interface File {
  readonly path: string;
  readonly content: Uint8Array;
  readonly mode: number;
}

const temporaryOf = (path: string): string => join(dirname(path), `.${basename(path)}.sixhub`);

async function writeBySftp(sftp: SFTPWrapper, { path, content, mode }: File): Promise<void> {
  const temporary = temporaryOf(path);
  await putFile(sftp, { path: temporary, content, mode });
  await done((end) => sftp.ext_openssh_rename(temporary, path, end));
}

/** A file that is not in use yet, in place of one of that name: its owner's alone until it has its mode. */
export async function putFile(
  sftp: SFTPWrapper,
  { path: temporary, content, mode }: File,
): Promise<void> {
  const unlink = promisify<string, void>(sftp.unlink.bind(sftp));
  await unlink(temporary).catch(() => undefined); // mostly, nothing is there
  const handle = await new Promise<Buffer>((resolve, reject) => {
    sftp.open(temporary, 'wx', { mode: 0o600 }, (error, opened) =>
      error === undefined ? resolve(opened) : reject(error),
    );
  });
  try {
    const bytes = Buffer.from(content);
    if (bytes.length > 0) await done((end) => sftp.write(handle, bytes, 0, bytes.length, 0, end));
    await done((end) => sftp.fchmod(handle, mode, end));
    await done((end) => sftp.ext_openssh_fsync(handle, end)).catch((error: unknown) => {
      if (!isLacking(error)) throw error;
    });
  } finally {
    await done((end) => sftp.close(handle, end));
  }
}

/** ssh2 throws where the server has not said that it has an extension. */
export function isLacking(error: unknown): boolean {
  return error instanceof Error && error.message.includes('does not support this extended request');
}

export function done(start: (end: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error instanceof Error ? reject(error) : resolve()));
  });
}

/** A connection that breaks ends the content early: only one that has its sum gets the name. */
const asRoot = `set -e
umask 077
rm -f -- "$2"
cat > "$2"
printf "%s  %s" "$4" "$2" | sha256sum --check --status
chmod "$3" "$2"
sync "$2"
mv -fT "$2" "$1"`;

async function writeBySudo(run: Run, { path, content, mode }: File): Promise<void> {
  const sum = createHash('sha256').update(content).digest('hex');
  const words = [path, temporaryOf(path), mode.toString(8), sum];
  const { code, stderr } = await run(
    ['sh', '-c', asRoot, 'sh', ...words],
    Buffer.from(content).toString('utf8'),
  );
  if (code !== 0) throw new Error(stderr.trim() || `exit ${code ?? 'by a signal'}`);
}
