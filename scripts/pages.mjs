/**
 * Writes what a package installs beside the commands, from their own declarations: manual pages, and completion where
 * Debian's shells look for it. Takes a directory, which becomes like `/`: `build/pages` unless named.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { declaredPrograms } from './pages/declared.mjs';
import { pagesOf } from './pages/pages-of.mjs';

const target = process.argv[2] ?? fileURLToPath(new URL('../build/pages', import.meta.url));

// https://reproducible-builds.org/specs/source-date-epoch/
const epoch = process.env['SOURCE_DATE_EPOCH'];
const date = epoch === undefined ? new Date() : new Date(Number(epoch) * 1_000);

const programs = await declaredPrograms();
for (const program of programs) {
  const seeAlso = programs.map(({ name }) => name).filter((name) => name !== program.name);
  for (const { path, text } of await pagesOf(program, { date, seeAlso })) {
    const file = join(target, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    process.stdout.write(`${file}\n`);
  }
}
