import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programFailure, SixhubError, exitCodes, usageError, type RunProgram } from '@sixhub/base';
import { parsePlace, parseTarget, type SshTarget } from './target.js';

/** Where to log in, as ssh_config(5) has it for a host. */
export interface ClientConfiguration {
  readonly target: SshTarget;
  /** Whole paths of files that are there, in their order. */
  readonly identityFiles: readonly string[];
  /** They are ssh's usual ones, not named for this host. */
  readonly areUsual: boolean;
  /** ProxyJump: places in the order to go through them. */
  readonly jumps: readonly string[];
}

/**
 * By ssh itself (`ssh -G`), which knows Host, Match, Include and what a release adds. What it says of host keys is left
 * aside: they are never accepted unseen. Where there is no ssh, there is no configuration either.
 */
export async function readClientConfiguration(
  text: string,
  { run, home }: { readonly run: RunProgram; readonly home: string },
): Promise<ClientConfiguration> {
  const place = parsePlace(text);
  const words = [
    '-G',
    ...(place.user === undefined ? [] : ['-l', place.user]),
    ...(place.port === undefined ? [] : ['-p', String(place.port)]),
    place.host,
  ];
  // The first that says something has it: root is for hosts of which nothing else is said.
  const content = [
    `Include ${join(home, '.ssh/config')}`,
    'Include /etc/ssh/ssh_config',
    'Host *',
    '  User root',
    '',
  ].join('\n');
  await using file = await temporaryFile(content);
  const result = await run('ssh', ['-F', file.path, ...words]);
  if (result.kind === 'not-started') {
    return { target: parseTarget(text), identityFiles: [], areUsual: true, jumps: [] };
  }
  const failure = programFailure(result);
  if (result.kind !== 'exited' || failure !== undefined) {
    throw new SixhubError({
      code: 'ssh-configuration-unusable',
      fact: `ssh can't read its configuration for ${place.host}: ${failure ?? ''}`,
      hint: `Mend ${join(home, '.ssh/config')}; ssh -G ${place.host} reads it again.`,
      exit: exitCodes.usage,
    });
  }
  return await parseAnswer(text, result.stdout, home);
}

/** ssh opens what it is given: standard input, which is a socket here, can't be opened. */
async function temporaryFile(content: string): Promise<AsyncDisposable & { path: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'sixhub-ssh-'));
  const path = join(directory, 'config');
  await writeFile(path, content, { mode: 0o600 });
  return { path, [Symbol.asyncDispose]: () => rm(directory, { recursive: true }) };
}

async function parseAnswer(
  text: string,
  answer: string,
  home: string,
): Promise<ClientConfiguration> {
  const all = (key: string): readonly string[] =>
    answer
      .split('\n')
      .filter((line) => line.startsWith(`${key} `))
      .map((line) => line.slice(key.length + 1))
      .filter((value) => value !== '' && value !== 'none');
  const usual = parseTarget(text);
  const [host = usual.host] = all('hostname');
  const [user = usual.user] = all('user');
  const [port = String(usual.port)] = all('port');
  const jumps = all('proxyjump').flatMap((value) => value.split(','));
  if (jumps.length === 0 && all('proxycommand').length > 0) {
    throw usageError(
      `~/.ssh/config has a ProxyCommand for ${usual.host}, which is not followed`,
      'Write it there as ProxyJump, or name the host to go through: --jump USER@HOST',
    );
  }
  const named = all('identityfile').map((path) => path.replace(/^~(?=\/)/, home));
  const found = await Promise.all(named.map(async (path) => ((await isThere(path)) ? [path] : [])));
  return {
    target: { host: host.toLowerCase(), user, port: Number(port) },
    identityFiles: found.flat(),
    areUsual: named.every((path) => /\/\.ssh\/id_[a-z0-9_]+$/.test(path)),
    jumps,
  };
}

function isThere(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false, // not there, or not ours to read: ssh passes over it as well
  );
}
