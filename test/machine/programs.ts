import { join } from 'node:path';
import type { Program } from '@sixhub/base';
import { checkoutRoot } from '../lab/index.js';

/** The declarations of all four commands, compiled as they are run. */
export function programs(): Promise<readonly Program[]> {
  const compiled: readonly (readonly [file: string, name: string])[] = [
    ['hub', 'hub'],
    ['agent', 'hubAgent'],
    ['acme-dns', 'program'],
    ['hostcore', 'hostcore'],
  ];
  return Promise.all(
    compiled.map(async ([file, name]) => {
      const module: Readonly<Record<string, Program | undefined>> = await import(
        join(checkoutRoot, `packages/${file}/dist/cli/program.js`)
      );
      const program = module[name];
      if (program === undefined) throw new Error(`${file} declares no ${name}`);
      return program;
    }),
  );
}
