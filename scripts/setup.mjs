/**
 * Makes a fresh checkout ready after `npm ci`: `node scripts/setup.mjs [build|demo|demo-host|test|bench|debian]`.
 * npm runs no package's install script here (.npmrc), so the native parts, better-sqlite3's and acme-dns's batched
 * UDP, are built here, and the Debian packages that the demonstration, the tests or the bench need are installed.
 * Quiet and quick where nothing is missing.
 */
import { missingPackages, isPurpose, purposes } from './setup/debian-packages.mjs';
import { debianTree } from './setup/debian-tree.mjs';
import { extractedExim } from './setup/extracted.mjs';
import { installPackages } from './setup/install.mjs';
import { buildPackages, buildSqlite, sqliteLoads } from './setup/native.mjs';
import { checkNode } from './setup/node.mjs';
import { olderNode } from './setup/older-node.mjs';
import { SetupError } from './setup/setup-error.mjs';
import { buildUdpBatch, udpBatchLoads } from './setup/udp-batch.mjs';

async function setup(purpose) {
  checkNode();
  if (!isPurpose(purpose)) {
    throw new SetupError(
      `there is no set-up for '${purpose}'`,
      `Known are: ${purposes.join(', ')}.`,
    );
  }
  if (purpose === 'demo-host') mustBeRoot();
  const native = sqliteLoads();
  const batched = udpBatchLoads();
  const needsCompiler = !native || (!batched && provesBatches(purpose));
  const missing = [...(needsCompiler ? buildPackages() : []), ...missingPackages(purpose)];
  if (missing.length > 0) await installPackages(missing, purpose);
  if (purpose === 'test') await extractedExim(purpose);
  if (purpose === 'test') olderNode(purpose);
  if (purpose === 'debian') for (const name of ['debian-12', 'debian-13']) debianTree(name);
  if (!native) buildSqlite();
  if (!batched) buildUdpBatch();
}

/** Said before anything is installed or built, and not by the kernel's "Operation not permitted" after it. */
function mustBeRoot() {
  if (process.getuid?.() === 0) return;
  throw new SetupError(
    'the demonstration of hostcore lays a network of namespaces, which root alone may',
    'As root: `sudo env "PATH=$PATH" npm run demo:host`. Nothing of this machine is changed by it.',
  );
}

/** A compiler is not installed for the sake of speed alone, but what tests it and measures it needs it. */
function provesBatches(purpose) {
  return purpose === 'test' || purpose === 'bench';
}

try {
  await setup(process.argv[2] ?? 'build');
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`error: ${error.message}\n  ${error.hint}\n`);
  process.exitCode = error.exit;
}
