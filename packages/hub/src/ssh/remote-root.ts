import { exitCodes, SixhubError } from '@sixhub/base';
import type { RemoteResult, SshConnection } from './connection.js';
import { bySftp, bySudo, type WriteFile } from './remote-files.js';
import { shellLine } from './shell-word.js';
import { targetText } from './target.js';

/** The other machine as its root: logged in as root, or by a sudo that asks nothing. */
export interface RemoteRoot {
  /** How the machine is called in what is told. */
  readonly name: string;
  run(words: readonly string[], input?: string): Promise<RemoteResult>;
  /** Whole, and never with wider rights than `mode`. */
  write: WriteFile;
}

export async function becomeRoot(connection: SshConnection): Promise<RemoteRoot> {
  const who = await connection.run(shellLine(['id', '-u']));
  const isRoot = who.stdout.trim() === '0';
  if (!isRoot) await mustSudo(connection);
  const prefix = isRoot ? [] : ['sudo', '-n', '--'];
  const run: RemoteRoot['run'] = (words, input) =>
    connection.run(shellLine([...prefix, ...words]), input);
  return {
    name: targetText(connection.target),
    run,
    write: isRoot
      ? bySftp(await connection.sftp(), (work) => connection.unlessLost(work))
      : bySudo(run),
  };
}

async function mustSudo(connection: SshConnection): Promise<void> {
  const { code, stderr } = await connection.run(shellLine(['sudo', '-n', 'true']));
  if (code === 0) return;
  const name = targetText(connection.target);
  throw new SixhubError({
    code: 'not-root',
    fact: `${name} is not root, and sudo does not let it be without a question: ${stderr.trim().split('\n')[0] ?? ''}`,
    hint: `Log in as root, or give that user a line in /etc/sudoers.d: ${connection.target.user} ALL=(root) NOPASSWD: ALL`,
    exit: exitCodes.usage,
  });
}
