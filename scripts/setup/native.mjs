import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { missingPackages } from './debian-packages.mjs';
import { headersPrefix, isDebiansNode } from './node.mjs';
import { SetupError } from './setup-error.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Tried in a process of its own: a half-built native part may do more than throw. */
export function sqliteLoads() {
  if (!existsSync(`${root}/node_modules/better-sqlite3`)) {
    throw new SetupError('the npm packages are not installed', 'Run `npm ci` first.');
  }
  const probe = "new (require('better-sqlite3'))(':memory:').close()";
  return spawnSync(process.execPath, ['-e', probe], { cwd: root, stdio: 'ignore' }).status === 0;
}

/** What compiling needs, where no prebuilt binary can be downloaded. */
export function buildPackages() {
  const headers = headersPrefix() === undefined && isDebiansNode() ? ['libnode-dev'] : [];
  return [...missingPackages('build'), ...headers];
}

export function buildSqlite() {
  process.stdout.write('setup: building better-sqlite3 (a minute where it has to be compiled)\n');
  const prefix = headersPrefix();
  const result = spawnSync('npm', ['rebuild', 'better-sqlite3', '--ignore-scripts=false'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, ...(prefix === undefined ? {} : { npm_config_nodedir: prefix }) },
  });
  if (result.status === 0 && sqliteLoads()) return;
  process.stderr.write(lastLines(`${result.stdout ?? ''}${result.stderr ?? ''}`, 40));
  throw new SetupError(
    'better-sqlite3 could not be built',
    prefix === undefined
      ? `The lines above say why. Node's C++ headers are not beside ${process.execPath}, so they had to be downloaded.`
      : 'The lines above say why.',
    1,
  );
}

function lastLines(text, count) {
  return `${text.trimEnd().split('\n').slice(-count).join('\n')}\n`;
}
