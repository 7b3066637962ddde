import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PackageError } from './package-error.mjs';

/**
 * What the packages are made of, and when: nothing of them depends on the hour or the machine at which they are made.
 * A commit that is no release sorts before the release that it leads to, and after the commits before it.
 */
export function releaseOf(root, wanted) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const commit = git(root, 'rev-parse', '--short=12', 'HEAD');
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? git(root, 'log', '-1', '--format=%ct'));
  if (!Number.isInteger(epoch) || epoch <= 0) {
    throw new PackageError(
      'it is not known of what day these packages are',
      'Make them in a git checkout, or set SOURCE_DATE_EPOCH (seconds since 1970).',
    );
  }
  const date = new Date(epoch * 1_000);
  const released = git(root, 'tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`);
  const day = date.toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const own = released ? version : `${version}~git${day}${commit === '' ? '' : `.${commit}`}`;
  return { version: wanted ?? `${own}-1`, commit, epoch, date, maintainer: maintainer() };
}

/** Debian's own way to say who makes a package. */
function maintainer() {
  const name = process.env['DEBFULLNAME'] ?? 'The Sixhub authors';
  return `${name} <${process.env['DEBEMAIL'] ?? 'sixhub@packages.invalid'}>`;
}

/** Empty where git, or the repository, is not there. */
function git(root, ...words) {
  const { status, stdout } = spawnSync('git', words, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}
