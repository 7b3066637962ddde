/**
 * The oldest Node that hub-agent is made for, Ubuntu 24.04's (Debian 12 has 18.20), for its tests: as its makers built
 * it, from npm's registry, laid out under node_modules/.cache once.
 * `node scripts/setup/older-node.mjs` prints where it is.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from './setup-error.mjs';

const version = '18.19.1';
const cache = fileURLToPath(new URL('../../node_modules/.cache/sixhub', import.meta.url));

/** The program's path; downloads what is not there, for the purpose `test` alone. */
export function olderNode(purpose) {
  const place = join(cache, `node-${version}`);
  const program = join(place, 'package/bin/node');
  if (purpose !== 'test' || existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(`${place}-`);
  try {
    const name = `node-linux-${process.arch}`;
    run('npm', ['pack', '--silent', `${name}@${version}`], work);
    const archive = `${name}-${version}.tgz`;
    run('tar', ['--no-same-owner', '-xzf', archive, 'package/bin/node', 'package/LICENSE'], work);
    rmSync(join(work, archive));
    putInPlace(work, place, program);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return program;
}

/** Complete or not at all; another run may have been faster. */
function putInPlace(work, place, program) {
  try {
    renameSync(work, place);
  } catch (error) {
    if (!existsSync(program)) throw error;
  }
}

function run(file, args, cwd) {
  const result = spawnSync(file, args, { cwd, encoding: 'utf8' });
  if (result.status === 0) return;
  throw new SetupError(
    `${[file, ...args].join(' ')}: ${(result.stderr ?? '').trim() || result.error?.message}`,
    'hub-agent is tested on the oldest Node that it is made for, which comes from the registry that npm knows.',
    1,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${olderNode('test')}\n`);
}
