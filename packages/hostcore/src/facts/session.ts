import { readFile } from 'node:fs/promises';

/**
 * SSH_CONNECTION of this process, or of the nearest of those that started it: sudo takes it out of the environment. Under
 * tmux it may be an older session's, or a stranger's; then this tells of that one.
 */
export async function sshConnection(): Promise<string | undefined> {
  const own = process.env['SSH_CONNECTION'];
  if (own !== undefined) return own;
  let pid = process.ppid;
  for (let depth = 0; depth < 32 && pid > 1; depth++) {
    const [environment, status] = await Promise.all([
      readFile(`/proc/${pid}/environ`, 'utf8').catch(() => ''), // another user's
      readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''), // it has ended
    ]);
    const found = environment.split('\0').find((one) => one.startsWith('SSH_CONNECTION='));
    if (found !== undefined) return found.slice('SSH_CONNECTION='.length);
    pid = Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1] ?? 0);
  }
  return undefined;
}
