/**
 * A Debian 12 to install packages in, and a Debian 13 with the daemons of a host, laid out by debootstrap and their own apt
 * under node_modules/.cache, once (a minute or two each); nobody writes to them afterwards.
 * `node scripts/setup/debian-tree.mjs [debian-13]` prints where it is.
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

/** `downloaded`: in the cache of its apt, for machines without a network. */
const trees = {
  'debian-12': {
    suite: 'bookworm',
    // Beyond the least: what boots it, and what looks into it.
    installed: ['systemd', 'systemd-sysv', 'dbus', 'iproute2', 'procps', 'openssl', 'man-db'],
    // What ours depend on, and the services that they look after.
    downloaded: ['nodejs', 'apache2', 'postfix', 'dovecot-imapd'],
  },
  'debian-12-host': {
    suite: 'bookworm',
    // A physical host as a provider installs it.
    installed: [
      ...['systemd', 'systemd-sysv', 'dbus', 'iproute2', 'iputils-ping', 'procps'],
      ...['openssh-server', 'netplan.io', 'nftables', 'bind9', 'bind9-utils'],
    ],
    downloaded: ['nodejs', 'radvd', 'tayga', 'ndppd', 'unbound', 'dns-root-data'],
  },
  'debian-13': {
    suite: 'trixie',
    // What hostcore renders for, of versions that Debian 12 does not have.
    installed: [
      ...['systemd', 'iproute2', 'nftables', 'netplan.io', 'radvd', 'tayga'],
      ...['bind9', 'bind9-utils', 'unbound'],
    ],
    downloaded: [],
  },
};

/** No fsync for each file: a tree that was cut off by a failing power supply is laid out anew. */
const settings = {
  'etc/dpkg/dpkg.cfg.d/unsafe-io': 'force-unsafe-io\n',
  'etc/apt/apt.conf.d/99no-recommends': 'APT::Install-Recommends "false";\n',
};

export function debianTree(debian = 'debian-12') {
  const { suite, installed, downloaded } = trees[debian];
  const recipe = JSON.stringify([suite, installed, downloaded, settings, mirror]);
  const name = `${debian}-${createHash('sha256').update(recipe).digest('hex').slice(0, 8)}`;
  const place = join(cache, name);
  if (existsSync(place)) return place;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(`${place}-`);
  try {
    const words = ['--variant=minbase', `--include=${installed.join(',')}`, suite];
    run(debian, 'debootstrap', [...words, work, mirror]);
    for (const [path, text] of Object.entries(settings)) writeFileSync(join(work, path), text);
    if (downloaded.length > 0) {
      // By apt, since debootstrap knows nothing of packages that are provided by others.
      const apt = [work, 'apt-get', '-q'];
      run(debian, 'chroot', [...apt, 'update']);
      run(debian, 'chroot', [...apt, '-y', '--download-only', 'install', ...downloaded]);
    }
    rmSync(join(work, 'etc/resolv.conf'), { force: true });
    putInPlace(work, debian, name);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return place;
}

/** Another run may have been faster; what an older recipe made is of no use any more. */
function putInPlace(work, debian, name) {
  const place = join(cache, name);
  try {
    renameSync(work, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  }
  const older = new RegExp(`^${debian}(?:-[0-9a-f]{8})?$`);
  for (const old of readdirSync(cache)) {
    if (older.test(old) && old !== name) rmSync(join(cache, old), { recursive: true });
  }
}

function run(debian, file, args) {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    encoding: 'utf8',
    env,
    maxBuffer: 1e8,
  });
  if (status === 0) return;
  const last = `${stdout ?? ''}${stderr ?? ''}`.trimEnd().split('\n').slice(-5);
  throw new SetupError(
    `${file} could not lay out ${debian}: ${error?.message ?? last.join('\n  ')}`,
    `It needs root, and ${mirror}.`,
    1,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${debianTree(process.argv[2])}\n`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`error: ${error.message}\n  ${error.hint}\n`);
    process.exitCode = error.exit;
  }
}
