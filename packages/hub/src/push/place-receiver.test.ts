import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@sixhub/base';
import { expect, test } from 'vitest';
import type { RemoteResult, SshConnection } from '../ssh/connection.js';
import { ReceiverPlacing } from './place-receiver.js';

/** As sshd gives a line to a login shell; of the input comes what the connection lets through. */
function placingHere(letThrough: (input: string) => string): ReceiverPlacing {
  const run = async (line: string, input: string | Uint8Array = ''): Promise<RemoteResult> => {
    const result = await runProgram('/bin/sh', ['-c', line], { input: letThrough(String(input)) });
    if (result.kind === 'exited') return result;
    throw new Error(JSON.stringify(result));
  };
  const connection: Pick<SshConnection, 'run'> = { run };
  return new ReceiverPlacing(connection, 'nas');
}

test('half of a file that came is none: what was there stands, and an empty list is no list', async () => {
  const place = await mkdtemp(join(tmpdir(), 'sixhub-placing-'));
  try {
    const list = join(place, 'new/push.conf');
    const content = 'certificate ä\n';
    for (const part of ['', 'certificate \u00e4']) {
      const placing = placingHere(() => part);
      await expect(placing.put(list, 0o644, content)).rejects.toThrow(
        `nas: not all of ${list} has come`,
      );
      expect(await placing.has(list)).toBe(false);
      expect(await readdir(join(place, 'new'))).toEqual([]);
    }
    const placing = placingHere((input) => input);
    await writeFile(list, '');
    expect(await placing.has(list)).toBe(false);
    await placing.put(list, 0o644, content);
    expect(await placing.has(list)).toBe(true);
    expect(await readFile(list, 'utf8')).toBe(content);
  } finally {
    await rm(place, { recursive: true });
  }
});
