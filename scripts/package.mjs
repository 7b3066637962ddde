/**
 * Makes the Debian packages of this checkout, which is built: `node scripts/package.mjs`, by `npm run package`.
 *   --out DIRECTORY    where they go, in place of older ones: build/deb
 *   --only NAME        that package alone; may be given again
 *   --version VERSION  instead of the one that package.json and the commit make
 *   --level LEVEL      of xz, 0 to 9: 6; "fast" (gzip) for the tests, which have no time for it
 */
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { debianPackages } from './package/debian-packages.mjs';
import { writeArchive } from './package/debian-archive.mjs';
import { PackageError } from './package/package-error.mjs';
import { packageTree } from './package/package-tree.mjs';
import { programFiles } from './package/program-files.mjs';
import { releaseOf } from './package/release.mjs';
import { declaredPrograms } from './pages/declared.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'build/deb') },
    only: { type: 'string', multiple: true, default: [] },
    version: { type: 'string' },
    level: { type: 'string', default: '6' },
  },
});

try {
  const release = releaseOf(root, values.version);
  const programs = await declaredPrograms();
  const wanted = debianPackages.filter(
    ({ name }) => values.only.length === 0 || values.only.includes(name),
  );
  for (const about of wanted) {
    const program = await programFiles(about, root);
    const entries = await packageTree(about, { root, release, programs, program });
    const file = writeArchive(about, { entries, program, release, ...values });
    const size = (statSync(file).size / 1e6).toFixed(1);
    process.stdout.write(`${relative('', file)}  ${size} MB\n`);
  }
} catch (error) {
  if (!(error instanceof PackageError)) throw error;
  process.stderr.write(`error: ${error.message}\n  ${error.hint}\n`);
  process.exitCode = 1;
}
