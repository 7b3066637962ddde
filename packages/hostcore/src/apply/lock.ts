import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/**
 * One at a time on this host. flock(1) has it, in a process that ends with this one, however that ends: the kernel lets go, and
 * no stale file is left to be judged. It is of a session of its own, so that Ctrl-C is ours to hear.
 */
export async function takeLock(directory: string): Promise<AsyncDisposable | undefined> {
  const words = ['--nonblock', join(directory, 'lock'), 'sh', '-c', 'echo held; exec cat'];
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
