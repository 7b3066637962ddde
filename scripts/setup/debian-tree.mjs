/**
 * A Debian 12 to install packages in, laid out by debootstrap under node_modules/.cache, once (a minute and a half);
 * nobody writes to it afterwards. `node scripts/setup/debian-tree.mjs` prints where it is.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from './setup-error.mjs';

const cache = fileURLToPath(new URL('../../node_modules/.cache/sixhub', import.meta.url));
const mirror = 'http://deb.debian.org/debian';

/** Beyond the least: what boots it, what our packages depend on, and Debian's own judge of packages. */
const packages = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'iproute2',
  'procps',
  'nodejs',
  'openssl',
  'lintian',
];

export function debianTree() {
  const place = join(cache, 'debian-12');
  if (existsSync(place)) return place;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(`${place}-`);
  try {
    const words = [
      '--variant=minbase',
      `--include=${packages.join(',')}`,
      'bookworm',
      work,
      mirror,
    ];
    const { status, stdout, error } = spawnSync('debootstrap', words, { encoding: 'utf8' });
    if (status !== 0) {
      const last = (stdout ?? '').trimEnd().split('\n').at(-1);
      throw new SetupError(
        `debootstrap could not lay out Debian 12: ${error?.message ?? last}`,
        'It needs root, and a mirror of Debian.',
        1,
      );
    }
    renameSync(work, place);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return place;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${debianTree()}\n`);
}
