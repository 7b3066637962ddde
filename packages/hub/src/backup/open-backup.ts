import { errorText, exitCodes, SixhubError } from '@sixhub/base';
import { readFile } from 'node:fs/promises';
import { KeyRing } from '../vault/key-ring.js';
import { readArchive } from './archive.js';
import { fromEntries, type Contents } from './contents.js';
import { takeInventory, type Inventory } from './inventory.js';
import { unseal, type Key } from './sealed-file.js';

export async function readBackup(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new SixhubError({
      code: 'backup-unreadable',
      fact: `the backup ${path} can't be read: ${errorText(error)}`,
      hint: 'Name the file that `hub backup` wrote.',
      exit: exitCodes.usage,
    });
  }
}

/** All that can be known to be wrong with a backup is found out here, before anything is written anywhere. */
export async function openBackup(
  sealed: Buffer,
  key: Key,
): Promise<{ readonly contents: Contents; readonly inventory: Inventory }> {
  const contents = fromEntries(readArchive(await unseal(key, sealed)));
  const { masterKeys } = contents;
  const vault = masterKeys.length === 0 ? undefined : new KeyRing(masterKeys);
  return { contents, inventory: takeInventory(contents, vault) };
}
