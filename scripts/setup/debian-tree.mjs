/**
 * A Debian 12 to install packages in, laid out by debootstrap and its own apt under node_modules/.cache, once (some
 * minutes); nobody writes to it afterwards. `node scripts/setup/debian-tree.mjs` prints where it is.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from './setup-error.mjs';

const cache = fileURLToPath(new URL('../../node_modules/.cache/sixhub', import.meta.url));
const mirror = 'http://deb.debian.org/debian';

/** Beyond the least: what boots it, and what looks into it. */
const installed = ['systemd', 'systemd-sysv', 'dbus', 'iproute2', 'procps', 'openssl', 'man-db'];

/** In the cache of its apt, for machines without a network: what ours depend on, and the services that they look after. */
const downloaded = ['nodejs', 'apache2', 'postfix', 'dovecot-imapd'];

/** No fsync for each file: a tree that was cut off by a failing power supply is laid out anew. */
const settings = {
  'etc/dpkg/dpkg.cfg.d/unsafe-io': 'force-unsafe-io\n',
  'etc/apt/apt.conf.d/99no-recommends': 'APT::Install-Recommends "false";\n',
};

const recipe = JSON.stringify([installed, downloaded, settings, mirror]);
const name = `debian-12-${createHash('sha256').update(recipe).digest('hex').slice(0, 8)}`;

export function debianTree() {
  const place = join(cache, name);
  if (existsSync(place)) return place;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(`${place}-`);
  try {
    const words = ['--variant=minbase', `--include=${installed.join(',')}`, 'bookworm'];
    run('debootstrap', [...words, work, mirror]);
    for (const [path, text] of Object.entries(settings)) writeFileSync(join(work, path), text);
    // By apt, since debootstrap knows nothing of packages that are provided by others.
    run('chroot', [work, 'apt-get', '-q', 'update']);
    run('chroot', [work, 'apt-get', '-q', '-y', '--download-only', 'install', ...downloaded]);
    rmSync(join(work, 'etc/resolv.conf'), { force: true });
    putInPlace(work, place);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return place;
}

/** Another run may have been faster; what an older recipe made is of no use any more. */
function putInPlace(work, place) {
  try {
    renameSync(work, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  }
  for (const old of readdirSync(cache)) {
    if (/^debian-12(?:-[0-9a-f]{8})?$/.test(old) && old !== name) {
      rmSync(join(cache, old), { recursive: true });
    }
  }
}

function run(file, args) {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    encoding: 'utf8',
    env,
    maxBuffer: 1e8,
  });
  if (status === 0) return;
  const last = `${stdout ?? ''}${stderr ?? ''}`.trimEnd().split('\n').slice(-5);
  throw new SetupError(
    `${file} could not lay out Debian 12: ${error?.message ?? last.join('\n  ')}`,
    `It needs root, and ${mirror}.`,
    1,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${debianTree()}\n`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`error: ${error.message}\n  ${error.hint}\n`);
    process.exitCode = error.exit;
  }
}
