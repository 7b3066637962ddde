import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { headersPrefix } from './node.mjs';

const native = fileURLToPath(new URL('../../packages/acme-dns/native', import.meta.url));
const source = `${native}/udp-batch.c`;
const built = `${native}/build/udp-batch.node`;

/** True when what was built is younger than its source and made for this Node. */
export function udpBatchLoads() {
  if (!(modified(built) > modified(source))) return false;
  return spawnSync(process.execPath, ['-e', `require(${JSON.stringify(built)})`]).status === 0;
}

/**
 * Compiles acme-dns's batched UDP. acme-dns works without it, by Node's own sockets and at a lower rate, so what
 * is missing is told and stops nothing.
 */
export function buildUdpBatch() {
  const prefix = headersPrefix();
  if (prefix === undefined) return without(`Node's C headers are not beside ${process.execPath}`);
  mkdirSync(`${native}/build`, { recursive: true });
  const half = `${built}.${process.pid}`; // two set-ups at once don't load each other's halves
  const flags = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-fPIC', '-shared'];
  const args = [...flags, `-I${prefix}/include/node`, '-o', half, source];
  const result = spawnSync('cc', args, { encoding: 'utf8' });
  if (result.error !== undefined) return without('there is no C compiler (Debian: gcc)');
  if (result.status !== 0) return without(`the compiler refused it:\n${result.stderr.trimEnd()}`);
  renameSync(half, built);
  if (!udpBatchLoads()) without('what was compiled does not load');
}

function without(reason) {
  process.stdout.write(
    `setup: acme-dns runs without batched UDP, at about half the rate: ${reason}\n`,
  );
}

function modified(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN;
}
