import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateName } from '@sixhub/protocol';
import { runProgram, systemClock } from '@sixhub/base';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LiveTree, SoundBundle } from '../ports.js';
import { makeAuthority } from '../testing/authority.js';
import { sampleWanted } from '../testing/samples.js';
import { openTree } from './tree.js';

const name = certificateName.parse('example.org');
const issuer = await makeAuthority();
let root: string;
let live: string;
let tree: LiveTree;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tree-'));
  live = join(root, 'live');
  tree = await openTree(live, systemClock);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function bundle(digit: number): Promise<SoundBundle> {
  const { certificate, privateKey, fingerprint } = await issuer.issue({ names: ['example.org'] });
  const version = `00000000-0000-4000-8000-00000000000${digit}`;
  return { name, version, certificate, privateKey, fingerprint, chain: '' };
}

async function install(digit: number): Promise<SoundBundle> {
  const made = await bundle(digit);
  const staged = await tree.stage(made);
  if (staged.kind === 'failed') throw new Error(staged.why);
  expect(await tree.point(name, staged.target)).toBeUndefined();
  return made;
}

it('is absent, then whole, and knows the version before', async () => {
  expect(await tree.look(name)).toEqual({ kind: 'absent' });
  const first = await install(1);
  expect(await tree.look(name)).toMatchObject({
    kind: 'whole',
    version: { fingerprint: first.fingerprint },
  });
  expect(await tree.before(name)).toEqual({ kind: 'absent' });
  await install(2);
  expect(await tree.before(name)).toMatchObject({ version: { fingerprint: first.fingerprint } });
});

it('keeps the version in use and the one used last before it, and clears away what a killed run left', async () => {
  const first = await install(1);
  const failed = await tree.stage(await bundle(2));
  expect(failed.kind).toBe('staged');
  await tree.point(name, failed.kind === 'staged' ? failed.target : '');
  await tree.point(name, `../sixhub/example.org/${first.version}`);
  const third = await install(3);
  const home = join(root, 'sixhub', 'example.org');
  await mkdir(join(home, '.staging-x'));
  await symlink('nowhere', join(live, '.sixhub-example.org'));
  await tree.tidy(name);
  expect((await readdir(home)).sort()).toEqual([first.version, third.version]);
  expect(await readdir(live)).toEqual(['example.org']);
});

it.each([
  [
    'a key of another certificate',
    async (path: string) => writeFile(join(path, 'privkey.pem'), (await bundle(9)).privateKey),
    'does not belong',
  ],
  ['a missing chain', (path: string) => rm(join(path, 'chain.pem')), 'missing'],
  ['an open key', (path: string) => chmod(join(path, 'privkey.pem'), 0o644), 'open to everyone'],
  [
    'a torn certificate',
    (path: string) => writeFile(join(path, 'cert.pem'), 'x'),
    'no certificate',
  ],
  ['another fullchain', (path: string) => writeFile(join(path, 'fullchain.pem'), 'x'), 'fullchain'],
] as const)(
  'sees %s, and puts the version beside the damaged one',
  async (_what, damage, words) => {
    const made = await install(1);
    await damage(join(live, name));
    expect(await tree.look(name)).toEqual({ kind: 'damaged', why: expect.stringContaining(words) });
    const wanted = {
      name,
      version: made.version,
      fingerprint: made.fingerprint,
      names: [],
      notAfter: '',
      revoked: [],
    };
    expect(await tree.find(wanted)).toBeUndefined();
    expect(await tree.stage(made)).toEqual({
      kind: 'staged',
      target: `../sixhub/example.org/${made.version}.2`,
    });
    expect(await tree.find(wanted)).toBe(`../sixhub/example.org/${made.version}.2`);
  },
);

it("never touches certbot's directory, and takes it over when asked to, links and all", async () => {
  const made = await bundle(1);
  const archive = join(root, 'archive', 'example.org');
  await mkdir(archive, { recursive: true });
  await mkdir(join(live, 'example.org'), { recursive: true });
  await mkdir(join(root, 'renewal'));
  await writeFile(join(root, 'renewal', 'example.org.conf'), '');
  const files = {
    cert: made.certificate,
    chain: '',
    fullchain: made.certificate,
    privkey: made.privateKey,
  };
  for (const [file, content] of Object.entries(files)) {
    await writeFile(join(archive, `${file}1.pem`), content, { mode: 0o600 });
    await symlink(
      `../../archive/example.org/${file}1.pem`,
      join(live, 'example.org', `${file}.pem`),
    );
  }
  expect(await tree.look(name)).toMatchObject({
    kind: 'foreign',
    why: expect.stringContaining('certbot'),
  });
  const staged = await tree.stage(await bundle(2));
  expect(await tree.point(name, staged.kind === 'staged' ? staged.target : '')).toContain(
    'directory',
  );

  expect(await tree.adopt(name)).toMatchObject({
    kind: 'whole',
    version: { fingerprint: made.fingerprint },
  });
  expect(await readlink(join(live, 'example.org'))).toBe('../sixhub/.adopted-example.org');
  expect(await readFile(join(live, 'example.org', 'cert.pem'), 'utf8')).toBe(made.certificate);
  expect(await readdir(join(root, 'renewal'))).toEqual(['example.org.conf.adopted-by-sixhub']);
  await tree.point(name, staged.kind === 'staged' ? staged.target : '');
  expect(await tree.look(name)).toMatchObject({ kind: 'whole' });
});

it('follows a live directory that is a link to another place', async () => {
  const elsewhere = join(root, 'elsewhere', 'live');
  await mkdir(elsewhere, { recursive: true });
  await symlink(elsewhere, live);
  tree = await openTree(live, systemClock);
  await install(1);
  expect(await readdir(join(root, 'elsewhere'))).toEqual(['live', 'sixhub']);
  expect(await readFile(join(live, 'example.org', 'cert.pem'), 'utf8')).toContain(
    'BEGIN CERTIFICATE',
  );
});

it('takes a link that somebody else made for what it is', async () => {
  await mkdir(live, { recursive: true });
  await symlink('../mine', join(live, 'example.org'));
  expect(await tree.look(name)).toMatchObject({
    kind: 'foreign',
    why: expect.stringContaining('../mine'),
  });
});

it('gives a key to whom agent.toml says, lets them through to it, and puts it right by a new directory', async () => {
  const rights = { owner: 'user 0', uid: 0, group: 'www-data', gid: 33, mode: 0o640 };
  tree = await openTree(live, systemClock, [{ certificate: name, rights, copies: [] }]);
  const made = await install(1);
  expect(await tree.look(name)).toEqual({ kind: 'whole', version: expect.anything() });
  const version = join(root, 'sixhub', 'example.org', made.version);
  const bits = async (path: string): Promise<string> => {
    const { uid, gid, mode } = await stat(path);
    return `${uid}:${gid} ${(mode & 0o777).toString(8)}`;
  };
  expect(await bits(join(version, 'privkey.pem'))).toBe('0:33 640');
  expect(await bits(join(version, 'fullchain.pem'))).toBe('0:33 644');
  expect(await bits(version)).toBe('0:33 750');
  for (const directory of [live, join(root, 'sixhub'), join(root, 'sixhub', 'example.org')]) {
    expect(await bits(directory)).toMatch(/ 711$/);
  }

  const wanted = { ...sampleWanted(), version: made.version, fingerprint: made.fingerprint };
  const faultAfter = async (damage: Promise<void>): Promise<string | undefined> => {
    await damage;
    const found = await tree.look(name);
    expect(await tree.find(wanted)).toBeUndefined();
    return found.kind === 'whole' ? found.amiss : found.kind;
  };
  const key = join(version, 'privkey.pem');
  expect(await faultAfter(chmod(key, 0o600))).toBe('privkey.pem has the mode 0600, not 0640');
  await chmod(key, 0o640);
  expect(await faultAfter(chown(key, 0, 0))).toBe('privkey.pem is not of www-data');
  await chown(key, 0, 33);
  expect(await faultAfter(chmod(live, 0o700))).toContain('lets nobody through');
  expect(await tree.stage(made)).toMatchObject({
    target: `../sixhub/example.org/${made.version}.2`,
  });
  expect(await tree.look(name)).toEqual({ kind: 'whole', version: expect.anything() });
});

it('lets the owner of a key in who is not of its group, and keeps the directory', async () => {
  const rights = { owner: 'user 7', uid: 7, group: 'group 0', gid: 0, mode: 0o600 };
  tree = await openTree(live, systemClock, [{ certificate: name, rights, copies: [] }]);
  await install(1);
  const read = await runProgram('setpriv', [
    ...['--reuid=7', '--regid=7', '--clear-groups', 'cat'],
    join(live, name, 'privkey.pem'),
  ]);
  expect(read).toMatchObject({ code: 0, stdout: expect.stringContaining('PRIVATE KEY') });
});

it("gives a full or read-only disk's words", async () => {
  await writeFile(join(root, 'sixhub'), 'a file where the directory should be');
  expect(await tree.stage(await bundle(1))).toMatchObject({
    kind: 'failed',
    why: expect.stringContaining('ENOTDIR'),
  });
});
