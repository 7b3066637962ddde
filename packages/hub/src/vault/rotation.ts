import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory, systemCode, writeWhole } from '@sixhub/base';
import type { SealStore } from '../store/seals.js';
import type { KeyRing } from './key-ring.js';
import { createMasterKey, readMasterKey } from './master-key.js';

/**
 * Changing the master key. At every moment the keys on the disk open all that is stored, so that a hub that dies
 * anywhere in between starts again, and finishes the change when it does:
 *
 * 1. the next key is durable beside the master key;
 * 2. everything is sealed anew, in one transaction, and opens by either key while that lasts;
 * 3. nothing is left that the old key alone opens;
 * 4. the next key takes the master key's place, in one rename.
 */
export interface RotationContext {
  readonly paths: { readonly masterKey: string; readonly nextMasterKey: string };
  readonly ring: KeyRing;
  readonly seals: SealStore;
}

export interface Rotated {
  /** How many secrets were sealed anew. */
  readonly resealed: number;
  /** False where the hub may not write there, as with a credential: the next key stays where it is, and in use. */
  readonly placed: boolean;
}

export async function rotate(context: RotationContext): Promise<Rotated> {
  const { paths, ring } = context;
  await createMasterKey(paths.nextMasterKey); // one that is there is of a change that was broken off
  ring.lead(await readMasterKey(paths.nextMasterKey));
  return finishRotation(context);
}

/** From wherever it was broken off; `ring` leads with the next key. */
export async function finishRotation(context: RotationContext): Promise<Rotated> {
  const { paths, ring, seals } = context;
  let resealed = await resealAll(seals, ring);
  const placed = await place(paths);
  if (!placed) return { resealed, placed };
  resealed += await resealAll(seals, ring); // the old key is in memory still
  ring.drop();
  return { resealed, placed };
}

/** What was sealed by the old key just before the new one led may be written a moment after: looked for until none is. */
async function resealAll(seals: SealStore, ring: KeyRing): Promise<number> {
  for (let all = 0; ;) {
    const count = await seals.reseal(ring);
    if (count === 0) return all;
    all += count;
  }
}

async function place({ masterKey, nextMasterKey }: RotationContext['paths']): Promise<boolean> {
  if (dirname(masterKey) === dirname(nextMasterKey)) {
    await rename(nextMasterKey, masterKey);
    await syncDirectory(dirname(masterKey));
    return true;
  }
  try {
    await writeWhole(masterKey, await readMasterKey(nextMasterKey), { mode: 0o400 });
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes(systemCode(error) ?? '')) return false;
    throw error;
  }
  await forgetNextKey(nextMasterKey);
  return true;
}

/** It is the master key by now. */
export async function forgetNextKey(nextMasterKey: string): Promise<void> {
  await rm(nextMasterKey, { force: true });
  await syncDirectory(dirname(nextMasterKey));
}
