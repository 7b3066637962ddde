import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkPair, type PemPair } from './certificate-files.js';

/** The pair that an earlier run obtained and kept in `cache`; undefined where there is none that fits together. */
export async function keptPair(cache: string): Promise<PemPair | undefined> {
  try {
    const key = await readFile(join(cache, 'privkey.pem'), 'utf8');
    const pair = { key, cert: await readFile(join(cache, 'fullchain.pem'), 'utf8') };
    checkPair(pair);
    return pair;
  } catch {
    return undefined; // the first start, or a cache that was emptied or damaged: obtain anew
  }
}
