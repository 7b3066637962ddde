/**
 * Programs that tests need and that can't be installed, since their packages would throw out others that tests need
 * as well: Exim beside Postfix. Their packages are downloaded by apt and laid out under node_modules/.cache, once.
 * `node scripts/setup/extracted.mjs` prints where Exim is.
 */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from './setup-error.mjs';

const cache = fileURLToPath(new URL('../../node_modules/.cache/sixhub', import.meta.url));

/** The user that Debian's Exim is built for, here as what every Debian has. */
const user = 'Debian-exim:x:8:8:Exim of the tests:/nonexistent:/usr/sbin/nologin';
const group = 'Debian-exim:x:8:';

/** Finds its own libraries and its user; under its own name, by which Exim starts itself anew after SIGHUP. */
const start = `#!/bin/bash
here=$(dirname "$(readlink -f "$0")")
libraries=$(echo "$here"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH="$libraries" LD_PRELOAD="$libraries/libnss_wrapper.so"
export NSS_WRAPPER_PASSWD="$here/passwd" NSS_WRAPPER_GROUP="$here/group"
exec -a "$0" "$here/root/usr/sbin/exim4" "$@"
`;

/** The program's path; downloads what is not there, for the purpose `test` alone. */
export async function extractedExim(purpose) {
  const place = join(cache, 'exim4');
  const program = join(place, 'exim4');
  if (purpose !== 'test' || existsSync(program)) return program;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(`${place}-`);
  try {
    await chmod(work, 0o755);
    const packages = ['exim4-daemon-light', 'libnss-wrapper', ...missingLibraries()];
    download(packages, work);
    for (const file of (await readdir(work)).filter((name) => name.endsWith('.deb'))) {
      run('dpkg', ['-x', file, 'root'], work);
      await rm(join(work, file));
    }
    // With the setuid bit the loader refuses our libraries once Exim, now its own user, starts itself anew.
    await chmod(join(work, 'root/usr/sbin/exim4'), 0o755);
    await writeFile(join(work, 'passwd'), `${await readFile('/etc/passwd', 'utf8')}${user}\n`);
    await writeFile(join(work, 'group'), `${await readFile('/etc/group', 'utf8')}${group}\n`);
    await writeFile(join(work, 'exim4'), start, { mode: 0o755 });
    await putInPlace(work, place);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return program;
}

/** Complete or not at all; another run may have been faster. */
async function putInPlace(work, place) {
  try {
    await rename(work, place);
  } catch (error) {
    if (!existsSync(join(place, 'exim4'))) throw error;
  }
}

/** What Exim needs and this machine has not installed; by apt's own knowledge, since names differ between releases. */
function missingLibraries() {
  const direct = librariesOf(['exim4-daemon-light']);
  const all = librariesOf(['--recurse', ...direct]);
  return [...new Set([...direct, ...all])].filter((name) => {
    const state = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], {
      encoding: 'utf8',
    });
    return !state.stdout.startsWith('installed');
  });
}

function librariesOf(words) {
  const output = run('apt-cache', ['depends', '--important', ...words], '/');
  const names = output.matchAll(/^\s*\|?(?:Pre)?Depends: (lib[a-z0-9.+-]+)$/gm);
  return [...names].map(([, name]) => name);
}

function download(packages, directory) {
  const args = ['download', '-q', ...packages];
  const first = spawnSync('apt-get', args, { cwd: directory, stdio: 'ignore' });
  if (first.status === 0) return;
  run('apt-get', ['update', '-q'], directory); // the lists may be old
  run('apt-get', args, directory);
}

function run(file, args, cwd) {
  const result = spawnSync(file, args, { cwd, encoding: 'utf8' });
  if (result.status === 0) return result.stdout;
  throw new SetupError(
    `${[file, ...args].join(' ')}: ${(result.stderr ?? '').trim() || result.error?.message}`,
    'Exim is fetched for the tests of hub-agent from the Debian mirror that apt knows.',
    1,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.stdout.write(`${await extractedExim('test')}\n`);
}
