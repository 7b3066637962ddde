import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { takeRunLock } from './lock.js';

it('has one holder, and vanishes with a process that is killed', async () => {
  const state = await mkdtemp(join(tmpdir(), 'lock-'));
  {
    await using first = await takeRunLock(state);
    expect(first).toBeDefined();
    expect(await takeRunLock(state)).toBeUndefined();
  }
  const holder = spawn('flock', [join(state, 'run.lock'), 'sh', '-c', 'echo held; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  await once(holder.stdout, 'data');
  expect(await takeRunLock(state)).toBeUndefined();
  process.kill(-(holder.pid ?? 0), 'SIGKILL');
  await once(holder, 'exit');
  for (let tries = 0; tries < 50; tries++) {
    await using again = await takeRunLock(state);
    if (again !== undefined) {
      await rm(state, { recursive: true });
      return;
    }
  }
  expect.fail('the lock of a killed process stays');
});
