import { basename, dirname, join } from 'node:path/posix';
import { errorText, SixhubError } from '@sixhub/base';
import type { SFTPWrapper } from 'ssh2';
import { inForm, type PlainPush } from '../domain/push-target.js';
import type { SshConnection } from '../ssh/connection.js';
import { done, isLacking, putFile } from '../ssh/remote-files.js';
import { hostName } from '../ssh/target.js';
import { leafIn } from './leaf.js';
import { refusedThere } from './push-error.js';
import type { PushBundle, PushHost } from './push-host.js';

/**
 * A host that can run nothing of ours: the hub writes the files by SFTP, and gives check and reload as commands where the
 * host takes some. Nothing there binds the hub to these paths and commands, which is why a receiver is the better choice.
 */
export async function openPlain(connection: SshConnection, plain: PlainPush): Promise<PushHost> {
  const host = hostName(connection.target);
  const sftp = await connection.sftp();
  const files = filesOf(sftp, (work) => connection.unlessLost(work));
  const each = async (step: (path: string) => Promise<void>): Promise<void> => {
    for (const { path } of plain.files) await told(host, path, step(path));
  };
  const say = async (line: string | undefined): Promise<string | undefined> => {
    if (line === undefined) return undefined;
    const { code, stdout, stderr } = await connection.run(line);
    if (code === 0) return undefined;
    const words = `${stdout.trim()}\n${stderr.trim()}`.trim();
    return words.slice(-2_000) || `exit ${code ?? 'by a signal'}: ${line}`;
  };
  const begun = async (): Promise<boolean> => {
    for (const { path } of plain.files)
      if ((await files.read(beside(path, 'old'))) !== undefined) return true;
    return false;
  };
  const back = (): Promise<void> =>
    each(async (path) => {
      if ((await files.read(beside(path, 'old'))) !== undefined) {
        await files.rename(beside(path, 'old'), path);
        // Where it was not this file's turn yet, both names are one file, and a rename leaves both (rename(2)).
        await files.remove(beside(path, 'old'));
      }
      await files.remove(beside(path, 'new'));
    });
  return {
    async present(name, bundle) {
      if (name !== plain.certificate) {
        return {
          kind: 'unlisted',
          why: `no file is named for ${name}: this target was added for ${plain.certificate}`,
        };
      }
      const isBegun = await begun();
      let whole = true;
      let leaf: string | undefined;
      for (const { form, path } of plain.files) {
        const content = await told(host, path, files.read(path));
        whole &&= content === inForm(form, bundle);
        if (form !== 'privkey' && form !== 'chain') leaf ??= leafIn(content ?? '');
      }
      return { kind: 'listed', leaf, whole, begun: isBegun ? 'an earlier push' : undefined };
    },
    check: () => say(plain.check),
    async stage(_name, _id, bundle: PushBundle) {
      for (const { form, path, mode } of plain.files) {
        const content = Buffer.from(inForm(form, bundle));
        const work = putFile(sftp, { path: beside(path, 'new'), content, mode });
        await told(host, path, connection.unlessLost(work));
      }
    },
    async switch() {
      await each(async (path) => files.keep(path, beside(path, 'old')));
      await each((path) => files.rename(beside(path, 'new'), path));
    },
    reload: () => say(plain.reload),
    back,
    settle: () => each((path) => files.remove(beside(path, 'old'))),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

function beside(path: string, what: 'new' | 'old'): string {
  return join(dirname(path), `.${basename(path)}.sixhub-${what}`);
}

async function told<T>(host: string, path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SixhubError) throw error;
    throw refusedThere(host, `${path} can't be written or read by SFTP: ${errorText(error)}`);
  }
}

interface Files {
  /** Undefined where there is none. */
  read(path: string): Promise<string | undefined>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** A second name for what stands there now, if anything does. */
  keep(path: string, as: string): Promise<void>;
}

function filesOf(sftp: SFTPWrapper, unlessLost: <T>(work: Promise<T>) => Promise<T>): Files {
  const remove = (path: string): Promise<void> =>
    unlessLost(done((end) => sftp.unlink(path, end))).catch(unlessAbsent);
  const rename = async (from: string, to: string): Promise<void> => {
    try {
      await unlessLost(done((end) => sftp.ext_openssh_rename(from, to, end)));
    } catch (error) {
      if (!isLacking(error)) throw error;
      await remove(to); // SFTP's own rename replaces nothing: for an instant there is no file
      await unlessLost(done((end) => sftp.rename(from, to, end)));
    }
  };
  const read = (path: string): Promise<string | undefined> =>
    unlessLost(
      new Promise<string>((resolve, reject) => {
        sftp.readFile(path, (error, content) =>
          error === undefined || error === null ? resolve(content.toString('utf8')) : reject(error),
        );
      }),
    ).catch((error: unknown) => {
      unlessAbsent(error);
      return undefined;
    });
  return {
    ...{ read, rename, remove },
    async keep(path, as) {
      await remove(as);
      try {
        await unlessLost(done((end) => sftp.ext_openssh_hardlink(path, as, end)));
      } catch (error) {
        if (isAbsent(error)) return;
        // Without the extension, or on a file system that has no links: a copy, its owner's alone.
        const content = await read(path);
        if (content === undefined) return;
        await unlessLost(putFile(sftp, { path: as, content: Buffer.from(content), mode: 0o600 }));
      }
    },
  };
}

/** SSH_FX_NO_SUCH_FILE. */
function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 2;
}

function unlessAbsent(error: unknown): void {
  if (!isAbsent(error)) throw error;
}
