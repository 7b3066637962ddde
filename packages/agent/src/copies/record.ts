import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode, writeWhole } from '@sixhub/base';
import type { CertificateName } from '@sixhub/protocol';
import * as z from 'zod';

/**
 * What the agent made, in STATE/copies/NAME.json: a key store is salted, so that no second one can be compared with it.
 * It is written when copies are staged, before any of them is in place: so it knows what lies at a place before and
 * after the rename. Losing it costs a new making of the copies, nothing else.
 */
const madeCopy = z.object({
  path: z.string(),
  /** Of the file. */
  sha256: z.string(),
  /** SHA-256 of the leaf that is in it. */
  version: z.string(),
  form: z.string(),
  alias: z.string(),
  /** When the file of the password was last written; of the password itself nothing is kept. */
  passwordWritten: z.number().optional(),
});
export type MadeCopy = Readonly<z.infer<typeof madeCopy>>;

export interface CopyRecord {
  read(name: CertificateName): Promise<readonly MadeCopy[]>;
  write(name: CertificateName, made: readonly MadeCopy[]): Promise<void>;
}

export function copyRecord(state: string): CopyRecord {
  const fileOf = (name: CertificateName): string => join(state, 'copies', `${name}.json`);
  return {
    async read(name) {
      const text = await readFile(fileOf(name), 'utf8').catch((error: unknown) => {
        if (systemCode(error) !== 'ENOENT') throw error;
        return '';
      });
      try {
        return z.array(madeCopy).safeParse(JSON.parse(text)).data ?? [];
      } catch {
        return []; // missing, cut or edited: all the same
      }
    },
    async write(name, made) {
      const file = fileOf(name);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeWhole(file, `${JSON.stringify(made, undefined, 2)}\n`, { mode: 0o600 });
    },
  };
}
