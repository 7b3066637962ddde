import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { errorText, SixhubError } from '@sixhub/base';

/**
 * Only one run at a time, by flock(2) on STATE/run.lock: the kernel lets go of it with the last process that holds the
 * open file, however that process ends. Node has no flock of its own; flock(1) (util-linux, essential in Debian) locks
 * the open file that it inherits from us and ends, and the lock stays with our descriptor. No other program that a run
 * starts inherits it: Node opens files close-on-exec.
 * Undefined where another run has it.
 */
export async function takeRunLock(state: string): Promise<AsyncDisposable | undefined> {
  const path = join(state, 'run.lock');
  const file = await open(path, 'a', 0o600);
  try {
    if (!(await lockInherited(file))) {
      await file.close();
      return undefined;
    }
  } catch (error) {
    await file.close();
    throw new SixhubError({
      code: 'lock-failed',
      fact: `${path} can't be locked: ${errorText(error)}`,
      hint: 'The program flock of the package util-linux is needed for it.',
      cause: error,
    });
  }
  return { [Symbol.asyncDispose]: () => file.close() };
}

/** False where another process has it; flock(1) says so by exit code 1 with -n. */
function lockInherited(file: FileHandle): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn('flock', ['-n', '3'], { stdio: ['ignore', 'ignore', 'ignore', file.fd] });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve(true);
      else if (code === 1) resolve(false);
      else reject(new Error(`flock ended with ${code ?? 'a signal'}`));
    });
  });
}
