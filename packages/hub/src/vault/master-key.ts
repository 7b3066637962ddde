import { randomBytes } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { errorText, exitCodes, SixhubError, syncDirectory, systemCode } from '@sixhub/base';
import { dirname } from 'node:path';

const keyBytes = 32;

/** Makes the key file, 0400, unless there is one: an existing key is never replaced. */
export async function createMasterKey(path: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o400);
    try {
      await file.writeFile(randomBytes(keyBytes));
      await file.sync();
    } finally {
      await file.close();
    }
    await syncDirectory(dirname(path));
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  }
}

/** From a systemd credential (LoadCredential=master.key) or the 0400 file. */
export async function readMasterKey(path: string): Promise<Uint8Array> {
  const fault = (fact: string, hint: string): SixhubError =>
    new SixhubError({ code: 'master-key', fact, hint, exit: exitCodes.usage });
  let key: Buffer;
  try {
    key = await readFile(path);
  } catch (error) {
    throw fault(
      `the master key ${path} can't be read: ${errorText(error)}`,
      'Make it with `hub init`. If there was one, put it back: without it no stored key opens.',
    );
  }
  if (key.length !== keyBytes) {
    throw fault(
      `${path} is not a master key: it has ${key.length} bytes, not ${keyBytes}`,
      'Put the right file back.',
    );
  }
  if (((await stat(path)).mode & 0o077) !== 0) {
    throw fault(`the master key ${path} can be read by others`, `Run: chmod 0400 ${path}`);
  }
  return key;
}
