import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * One at a time on this host. flock(1) has it, in a process that ends with this one, however that ends: the kernel lets go, and
 * no stale file is left to be judged. It is of a session of its own, so that Ctrl-C is ours to hear.
 */
export async function takeLock(directory: string): Promise<AsyncDisposable | undefined> {
  const file = join(directory, 'lock');
  await ownAlone(file);
  const words = ['--nonblock', file, 'sh', '-c', 'echo held; exec cat'];
  const child = spawn('flock', words, { stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  const held = once(child.stdout, 'data').then(() => true);
  const isHeld = await Promise.race([held, ended.then(() => false)]);
  if (!isHeld) return undefined;
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Whoever can open a file can hold its lock: the way back must not wait for any user of this host. */
async function ownAlone(file: string): Promise<void> {
  await using handle = await open(file, 'a', 0o600);
  await handle.chmod(0o600);
}
