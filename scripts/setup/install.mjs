import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { searchPath, unitsOf } from './debian-packages.mjs';
import { withoutServiceStarts } from './policy.mjs';
import { SetupError } from './setup-error.mjs';

const environment = {
  ...process.env,
  PATH: searchPath().join(delimiter),
  DEBIAN_FRONTEND: 'noninteractive',
};

/** Installs Debian packages without starting a daemon; asks first on a terminal. */
export async function installPackages(names, purpose) {
  const byHand = `apt-get install --no-install-recommends ${names.join(' ')}`;
  const why = `setting up for ${purpose} needs Debian packages that are missing: ${names.join(', ')}`;
  if (!existsSync('/usr/bin/apt-get')) {
    throw new SetupError(why, `There is no apt-get here. On Debian, as root: ${byHand}`);
  }
  if (process.getuid?.() !== 0) throw new SetupError(why, `Run, as root: ${byHand}`);
  process.stdout.write(`setup: ${why}\n`);
  if (!(await isWanted())) throw new SetupError('nothing was installed', `By hand: ${byHand}`);
  await withoutServiceStarts((stop) => runApt(names, stop));
  disable(unitsOf(names));
}

/** Asked on a terminal only: a script that calls this wants it done. */
async function isWanted() {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question('Install them now? No service is started. [Y/n] ');
    return /^(y|yes|)$/i.test(answer.trim());
  } catch {
    return false; // Ctrl-C or Ctrl-D at the question
  } finally {
    terminal.close();
  }
}

async function runApt(names, stop) {
  // An old list still serves where the network is away: installing says so if it does not.
  await apt(['update'], stop);
  const lock = ['-o', 'DPkg::Lock::Timeout=120'];
  const installed = await apt(
    [...lock, 'install', '-y', '--no-install-recommends', ...names],
    stop,
  );
  if (installed.code === 0) return;
  process.stderr.write(`${installed.output.trimEnd().split('\n').slice(-20).join('\n')}\n`);
  throw new SetupError(
    `apt-get could not install ${names.join(' ')}`,
    'Its own words are above.',
    1,
  );
}

/** Lets apt-get end by itself when we are stopped: a killed dpkg leaves the machine half configured. */
function apt(args, stop) {
  return new Promise((resolve, reject) => {
    const child = spawn('apt-get', ['-q', ...args], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    stop.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
    child.on('error', reject);
    child.on('close', (code) => {
      if (stop.aborted) reject(new SetupError('stopped', 'Run it again when you like.', 130));
      else resolve({ code, output });
    });
  });
}

/** We alone wanted these daemons, for tests that start their own: none shall come up at the next boot. */
function disable(units) {
  if (units.length === 0) return;
  const result = spawnSync('systemctl', ['disable', '--quiet', ...units], { env: environment });
  if (result.status !== 0) return; // a machine without systemd starts nothing by unit
  process.stdout.write(`setup: left disabled, not started: ${units.join(', ')}\n`);
}
