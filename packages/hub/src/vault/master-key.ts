import { randomBytes } from 'node:crypto';
import { link, readFile, rm, stat } from 'node:fs/promises';
import {
  errorText,
  exitCodes,
  SixhubError,
  syncDirectory,
  systemCode,
  writeWhole,
} from '@sixhub/base';
import { dirname } from 'node:path';

const keyBytes = 32;

/** Makes the key file, 0400, unless there is one: an existing key is never replaced, and there is never half of one. */
export async function createMasterKey(path: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeWhole(temporary, randomBytes(keyBytes), { mode: 0o400 });
    await link(temporary, path); // unlike a rename, it fails where something stands already
    await syncDirectory(dirname(path));
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(temporary, { force: true });
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
