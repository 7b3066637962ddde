/**
 * Makes a fresh checkout ready after `npm ci`: `node scripts/setup.mjs [build|demo|test|bench]`.
 * npm runs no package's install script here (.npmrc), so the one native part, better-sqlite3's, is built here,
 * and the Debian packages that the demonstration, the tests or the bench need are installed.
 * Quiet and quick where nothing is missing.
 */
import { missingPackages, isPurpose, purposes } from './setup/debian-packages.mjs';
import { installPackages } from './setup/install.mjs';
import { buildPackages, buildSqlite, sqliteLoads } from './setup/native.mjs';
import { checkNode } from './setup/node.mjs';
import { SetupError } from './setup/setup-error.mjs';

async function setup(purpose) {
  checkNode();
  if (!isPurpose(purpose)) {
    throw new SetupError(
      `there is no set-up for '${purpose}'`,
      `Known are: ${purposes.join(', ')}.`,
    );
  }
  const native = sqliteLoads();
  const missing = [...(native ? [] : buildPackages()), ...missingPackages(purpose)];
  if (missing.length > 0) await installPackages(missing, purpose);
  if (!native) buildSqlite();
}

try {
  await setup(process.argv[2] ?? 'build');
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`error: ${error.message}\n  ${error.hint}\n`);
  process.exitCode = error.exit;
}
