import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode, writeWhole } from '@sixhub/base';
import { makePrivateKey } from '../hub/signing-request.js';
import { makeState } from './identity-file.js';

/**
 * The key of an enrolment that is not finished. It is on disk before the hub hears of it: where the hub's answer is
 * lost, the next try asks with the same key, and the hub may repeat what it said for a token that is used up.
 */
export async function keptPrivateKey(
  state: string,
): Promise<{ readonly path: string; readonly pem: string }> {
  await makeState(state);
  const path = join(state, 'enrolment-key.pem');
  const kept = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    return undefined;
  });
  if (kept !== undefined && isKey(kept)) return { path, pem: kept };
  const pem = await makePrivateKey();
  await writeWhole(path, pem, { mode: 0o600 });
  return { path, pem };
}

function isKey(pem: string): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    return false; // cut or edited: a new one is made
  }
}
