import { open } from 'node:fs/promises';
import { errorText, systemCode } from '@sixhub/base';
import type { Sent } from './channel.js';

export type ReadSecret =
  { readonly kind: 'secret'; readonly secret: string } | Extract<Sent, { kind: 'failed' }>;

const readableByOthers = 0o004;

/** Read at each use, so that a new secret needs no restart; refused where every user of the machine can read it. */
export async function readSecret(path: string): Promise<ReadSecret> {
  try {
    const file = await open(path, 'r');
    try {
      const { mode } = await file.stat();
      if ((mode & readableByOthers) !== 0) {
        return {
          kind: 'failed',
          fact: `${path} can be read by every user of this machine`,
          hint: `chmod 0400 ${path}; it must belong to the hub's user. Change the secret, if others may have seen it.`,
        };
      }
      const secret = (await file.readFile('utf8')).trim();
      if (secret !== '') return { kind: 'secret', secret };
      return { kind: 'failed', fact: `${path} is empty`, hint: 'Write the secret into it.' };
    } finally {
      await file.close();
    }
  } catch (error) {
    const why = systemCode(error) === 'ENOENT' ? 'it does not exist' : errorText(error);
    return {
      kind: 'failed',
      fact: `${path} can't be read: ${why}`,
      hint: "Write the secret into it, mode 0400, owned by the hub's user.",
    };
  }
}
