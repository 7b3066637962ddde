import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram, type ProgramResult } from '@sixhub/base';
import {
  checkoutRoot,
  listensAt,
  listensAtSocket,
  makeHubAlone,
  openLab,
  ports,
  programFile,
  runTool,
  startDaemon,
  startSshMachine,
  type Lab,
} from '../../lab/index.js';
import { makePackages, packageNames, type DebianPackages } from '../../lab/debian-packages.js';

/** What needs no Debian to be installed in; test/debian has the rest (npm run test:debian). */
let lab: Lab;
let packages: DebianPackages;
let again: DebianPackages;

beforeAll(async () => {
  lab = await openLab();
  packages = await makePackages(lab);
  again = await makePackages(lab);
}, 240_000);
afterAll(() => lab[Symbol.asyncDispose]());

test.each(packageNames)('%s: the same commit gives the same bytes', async (name) => {
  expect(basename(again[name])).toBe(basename(packages[name]));
  expect((await readFile(again[name])).equals(await readFile(packages[name]))).toBe(true);
});

test('an older one does not stay beside it', async () => {
  const out = await lab.makeDirectory('out');
  const make = (version: string): Promise<string> =>
    runTool('node', [
      ...[join(checkoutRoot, 'scripts/package.mjs'), '--only', 'sixhub-agent'],
      ...['--out', out, '--level', 'fast', '--version', version],
    ]);
  await make('1.0-1');
  await writeFile(join(out, 'other_1.0-1_all.deb'), '');
  await make('0.9-1');
  expect((await readdir(out)).toSorted()).toEqual([
    'other_1.0-1_all.deb',
    'sixhub-agent_0.9-1_all.deb',
  ]);
});

test.each(packageNames)(
  '%s: all is root’s, nobody else writes, nothing is there by mistake',
  async (name) => {
    const lines = (await runTool('dpkg-deb', ['-c', packages[name]])).trim().split('\n');
    expect(lines.length).toBeGreaterThan(20);
    const entries = lines.map((line) => {
      const [mode = '', owner = '', , , , path = ''] = line.split(/\s+/);
      return { mode, owner, path };
    });
    expect(entries.filter(({ owner }) => owner !== 'root/root')).toEqual([]);
    const modes = /^(?:drwxr-xr-x|-rw-r--r--|-rwxr-xr-x|lrwxrwxrwx)$/;
    expect(entries.filter(({ mode }) => !modes.test(mode))).toEqual([]);
    const mistaken = /\.(?:map|ts|pem|key|tgz|log)$|\.test\.|__tests__|\/testing\/|tsbuildinfo/;
    expect(entries.filter(({ path }) => mistaken.test(path))).toEqual([]);
    const paths = entries.map(({ path }) => path);
    const doc = `./usr/share/doc/${name}`;
    for (const file of ['copyright', 'changelog.gz', 'changelog.Debian.gz']) {
      expect(paths).toContain(`${doc}/${file}`);
    }
    expect(paths.some((path) => /man1\/.*\.1\.gz$/.test(path))).toBe(true);
    expect(paths.some((path) => path.includes('/bash-completion/completions/'))).toBe(true);
  },
);

test('the agent needs no more than Debian’s own Node, and is small', async () => {
  const fields = await runTool('dpkg-deb', ['-f', packages['sixhub-agent']]);
  expect(fields).toContain('Architecture: all\n');
  expect(fields).toContain('Pre-Depends: nodejs (>= 18.19)\n');
  expect((await readFile(packages['sixhub-agent'])).length).toBeLessThan(1.5e6);
});

describe('where it can not run, nothing is unpacked', () => {
  /** What dpkg knows of Debian 9. */
  const installed = {
    libc6: '2.24-11+deb9u4',
    'libstdc++6': '6.3.0-18+deb9u1',
    nodejs: '4.8.2~dfsg-1',
    procps: '2:3.3.12-3+deb9u1',
    systemd: '232-25+deb9u14',
  };
  const install = async (file: string): Promise<readonly [root: string, ProgramResult]> => {
    const root = await lab.makeDirectory('old');
    await mkdir(join(root, 'var/lib/dpkg/info'), { recursive: true });
    await mkdir(join(root, 'var/lib/dpkg/updates'));
    const architecture = await runTool('dpkg', ['--print-architecture']);
    const known = Object.entries(installed).map(
      ([name, version]) =>
        `Package: ${name}\nStatus: install ok installed\nMaintainer: Debian <debian@example.org>\nArchitecture: ${architecture}Version: ${version}\nDescription: of Debian 9\n`,
    );
    await writeFile(join(root, 'var/lib/dpkg/status'), known.join('\n'));
    const words = [`--root=${root}`, '--force-script-chrootless', '--force-not-root', '-i', file];
    return [root, await runProgram(programFile('dpkg'), words)];
  };
  const found = (root: string): Promise<string> => runTool('find', [root, '-name', '*sixhub*']);

  test.each(packageNames)('%s on an older release', async (name) => {
    const [root, result] = await install(packages[name]);
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`pre-dependency problem - not installing ${name}`),
    });
    expect(await found(root)).toBe('');
    expect(await readFile(join(root, 'var/lib/dpkg/status'), 'utf8')).not.toMatch(
      /^Status: .* (?:half-|un)/m,
    );
  });

  test('sixhub-hub on another architecture', async () => {
    const other = process.arch === 'x64' ? 'arm64' : 'amd64';
    const tree = await lab.makeDirectory('other');
    await runTool('dpkg-deb', ['-e', packages['sixhub-hub'], join(tree, 'DEBIAN')]);
    const control = join(tree, 'DEBIAN/control');
    const text = await readFile(control, 'utf8');
    await writeFile(control, text.replace(/^Architecture: .*$/m, `Architecture: ${other}`));
    const file = join(lab.directory, 'other.deb');
    await runTool('dpkg-deb', ['-Znone', '--build', tree, file]);
    const [root, result] = await install(file);
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`package architecture (${other}) does not match system`),
    });
    expect(await found(root)).toBe('');
  });
});

describe('in a directory of its own, without a Debian around it', () => {
  let root: string;
  let newer: DebianPackages;
  /** Maintainer scripts run outside, and find by DPKG_ROOT where they are meant. */
  const dpkg = (...words: readonly string[]): ReturnType<typeof runProgram> =>
    runProgram(programFile('dpkg'), [
      ...[`--root=${root}`, '--force-script-chrootless', '--force-depends', '--force-not-root'],
      ...words,
    ]);

  beforeAll(async () => {
    root = await lab.makeDirectory('root');
    await mkdir(join(root, 'var/lib/dpkg/info'), { recursive: true });
    await mkdir(join(root, 'var/lib/dpkg/updates'));
    await writeFile(join(root, 'var/lib/dpkg/status'), '');
    newer = await makePackages(lab, '9.0-1');
  }, 120_000);

  test('installs, with users and enabled units', async () => {
    expect(await dpkg('-i', ...Object.values(packages))).toMatchObject({ code: 0 });
    expect(await readFile(join(root, 'etc/passwd'), 'utf8')).toMatch(
      /^sixhub:[^]*^acme-dns:|^acme-dns:[^]*^sixhub:/m,
    );
    const wanted = join(root, 'etc/systemd/system/multi-user.target.wants');
    expect((await runTool('ls', [wanted])).split('\n')).toContain('sixhub.service');
  });

  test('what is installed serves', async () => {
    const home = join(root, 'usr/lib/sixhub-hub');
    const [node, main] = [join(home, 'node'), join(home, 'dist/main.js')];
    const state = await lab.makeDirectory('state');
    const config = join(state, 'hub.toml');
    const made = await runProgram(node, [
      ...[main, 'init', '--zone', 'acme-dns.example.net', '--address', '::1'],
      ...['--contact', 'you@example.net', '--state', state, '--config', config],
    ]);
    expect(made).toMatchObject({ kind: 'exited', code: 0 });
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replaceAll(/"\[::1?\]:(?:53|8443|8444)"/g, '"[::1]:0"'));
    const hub = await startDaemon({
      name: 'hub',
      program: node,
      args: [main, 'serve', '--config', config],
      logFile: join(state, 'log'),
      ready: listensAtSocket(join(state, 'hub.sock')),
    });
    await hub.stop();
  });

  test('the installed hub brings its agent onto a machine', async () => {
    const house = await makeHubAlone(lab);
    const home = join(root, 'usr/lib/sixhub-hub');
    const [node, main] = [join(home, 'node'), join(home, 'dist/main.js')];
    const hub = await startDaemon({
      name: 'hub',
      program: node,
      args: [main, 'serve', '--config', house.config],
      logFile: join(house.state, 'log'),
      ready: listensAt(house.address, ports.agents),
    });
    const machine = await startSshMachine(lab, { systemd: true });
    const login = ['--identity', machine.identity, '--host-key', machine.fingerprint];
    const install = (...words: readonly string[]): ReturnType<typeof runProgram> =>
      runProgram(
        node,
        [
          ...[main, 'agent', 'install', machine.root, '--name', 'web', '--config', house.config],
          ...[...login, ...words],
        ],
        { env: { HOME: house.state, SSH_AUTH_SOCK: undefined } },
      );
    expect(await install('--dry-run')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /write \/usr\/lib\/sixhub-agent\/hub-agent\.mjs \(root, 644, \d{3} kB/,
      ),
    });
    expect(await install('--yes')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('web is in place'),
    });
    expect(await machine.mustInside('ls /etc/systemd/system | grep sixhub')).toBe(
      'sixhub-agent-watch.service\nsixhub-agent.service\nsixhub-agent.timer\n',
    );
    await hub.stop();
  });

  test('an upgrade keeps what is there, an older package is refused in one sentence', async () => {
    await mkdir(join(root, 'var/lib/sixhub'), { recursive: true });
    await writeFile(join(root, 'var/lib/sixhub/master.key'), 'key');
    await writeFile(join(root, 'etc/acme-dns/config.cfg'), '# mine\n');
    expect(await dpkg('-i', ...Object.values(newer))).toMatchObject({ code: 0 });
    expect(await readFile(join(root, 'etc/acme-dns/config.cfg'), 'utf8')).toBe('# mine\n');
    expect(await dpkg('-i', packages['sixhub-hub'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(' is older than 9.0-1, which was here'),
    });
  });

  test('remove keeps state and configuration, purge leaves nothing', async () => {
    expect(await dpkg('-r', ...packageNames)).toMatchObject({ code: 0 });
    expect(await readFile(join(root, 'var/lib/sixhub/master.key'), 'utf8')).toBe('key');
    expect(await readFile(join(root, 'etc/acme-dns/config.cfg'), 'utf8')).toBe('# mine\n');
    expect(await dpkg('-P', ...packageNames)).toMatchObject({ code: 0 });
    const left = await runTool('find', [root, '-name', '*sixhub*', '-o', '-name', '*acme-dns*']);
    expect(left).toBe('');
  });
});
