import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunProgram } from '@sixhub/base';
import { asLines } from '@sixhub/wire';
import { systemWords } from '../live/system-words.js';
import { makeKeyStore } from './key-store.js';
import type { MakeForm } from './made-form.js';
import { plainForm, type PemTexts } from './plain-form.js';

/** `workshop` is a path of the agent's own, at which nothing is left. */
export function formMaker(run: RunProgram, workshop: string): MakeForm {
  return async (copy, directory) => {
    try {
      const plain = plainForm(copy.form, await readTexts(directory));
      if (plain !== undefined) return { kind: 'made', content: plain };
      return await makeKeyStore(run, workshop, copy, directory);
    } catch (error) {
      return { kind: 'failed', why: systemWords(error) };
    }
  };
}

async function readTexts(directory: string): Promise<PemTexts> {
  const read = async (file: string): Promise<string> =>
    asLines(await readFile(join(directory, file), 'utf8'));
  return {
    cert: await read('cert.pem'),
    chain: await read('chain.pem'),
    fullchain: await read('fullchain.pem'),
    privkey: await read('privkey.pem'),
  };
}
