import { stat } from 'node:fs/promises';
import { systemCode } from '@sixhub/base';
import { readMasterKey } from './master-key.js';

export interface MasterKeys {
  /** What is stored may be sealed with any of them; the first is to seal with. */
  readonly keys: readonly Uint8Array[];
  /** `begun`: the first is to take the second's place. `done`: it has, and its own file is left. */
  readonly change: 'none' | 'begun' | 'done';
}

/** The master key, and the next one where it is being changed. */
export async function readMasterKeys(paths: {
  readonly masterKey: string;
  readonly nextMasterKey: string;
}): Promise<MasterKeys> {
  const key = await readMasterKey(paths.masterKey);
  if (!(await isThere(paths.nextMasterKey))) return { keys: [key], change: 'none' };
  const next = await readMasterKey(paths.nextMasterKey);
  return Buffer.from(key).equals(next)
    ? { keys: [key], change: 'done' }
    : { keys: [next, key], change: 'begun' };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    },
  );
}
