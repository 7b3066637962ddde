import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@sixhub/base';
import { certificateName } from '@sixhub/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Copy } from '../domain/keeping.js';
import { formMaker } from '../forms/form-maker.js';
import type { Copies } from '../ports.js';
import { makeAuthority } from '../testing/authority.js';
import { sampleCopy } from '../testing/samples.js';
import { openCopies } from './copies.js';

const name = certificateName.parse('example.org');
const issuer = await makeAuthority();
const [old, fresh] = ['../sixhub/example.org/old', '../sixhub/example.org/fresh'];
let root: string;
let where: { readonly live: string; readonly state: string; readonly workshop: string };
let copies: Copies;
let place: string;
let first: Copy;
let store: Copy;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'copies-'));
  const state = join(root, 'state');
  where = { live: join(root, 'live'), state, workshop: join(state, 'workshop') };
  place = join(root, 'place');
  for (const directory of [where.live, state, place]) await mkdir(directory);
  for (const version of ['old', 'fresh']) {
    const directory = join(root, 'sixhub', 'example.org', version);
    await mkdir(directory, { recursive: true });
    const { certificate, privateKey } = await issuer.issue({ names: [name] });
    await writeFile(join(directory, 'cert.pem'), certificate);
    await writeFile(join(directory, 'chain.pem'), issuer.pem);
    await writeFile(join(directory, 'fullchain.pem'), certificate + issuer.pem);
    await writeFile(join(directory, 'privkey.pem'), privateKey, { mode: 0o600 });
  }
  const passwordFile = join(root, 'password');
  await writeFile(passwordFile, 'long enough\n', { mode: 0o600 });
  first = sampleCopy({ path: join(place, 'first.pem') });
  store = sampleCopy({ path: join(place, 'store.p12'), form: 'pkcs12', passwordFile });
  copies = openWith(first, store);
});
afterEach(() => rm(root, { recursive: true, force: true }));

function openWith(...wanted: readonly Copy[]): Copies {
  const keepings = [{ certificate: name, rights: undefined, copies: wanted }];
  return openCopies(where, keepings, formMaker(runProgram, where.workshop));
}

async function put(target: string): Promise<void> {
  expect(await copies.stage(name, target)).toBeUndefined();
  expect(await copies.place(name, target)).toBeUndefined();
}

it('makes all of them ready, then puts them in place, and writes nothing where all is right', async () => {
  expect(await copies.fault(name, old)).toBe(`${first.path} is missing`);
  expect(await copies.stage(name, old)).toBeUndefined();
  expect(await readdir(place)).toEqual(['.first.pem.sixhub-new', '.store.p12.sixhub-new']);
  expect(await copies.fault(name, old)).toBe(`${first.path} is missing`);
  expect(await copies.place(name, old)).toBeUndefined();
  expect(await readdir(place)).toEqual(['first.pem', 'store.p12']);

  const before = await Promise.all([stat(first.path), stat(store.path), stat(where.state)]);
  expect(await copies.fault(name, old)).toBeUndefined();
  await put(old);
  const after = await Promise.all([stat(first.path), stat(store.path), stat(where.state)]);
  expect(after.map(({ ino, ctimeMs }) => [ino, ctimeMs])).toEqual(
    before.map(({ ino, ctimeMs }) => [ino, ctimeMs]),
  );
});

it('goes to a version and back, also from half of the way', async () => {
  await put(old);
  const content = await readFile(first.path, 'utf8');
  await put(fresh);
  expect(await copies.fault(name, old)).toBe(`${first.path} is of another version`);
  await put(old);
  expect(await readFile(first.path, 'utf8')).toBe(content);

  // The second can't be put in place; it still is what it was, and going back needs it no more.
  const kept = await readFile(store.path);
  await copies.stage(name, fresh);
  await rm(join(place, '.store.p12.sixhub-new'));
  expect(await copies.place(name, fresh)).toContain('nothing was made ready');
  expect(await copies.fault(name, fresh)).toBe(`${store.path} is of another version`);
  await put(old);
  expect(await copies.fault(name, old)).toBeUndefined();
  expect(await readFile(store.path)).toEqual(kept);
});

it('goes to and fro where both versions have the same chain', async () => {
  copies = openWith(sampleCopy({ path: join(place, 'chain.pem'), form: 'chain' }));
  for (const target of [old, fresh, old, fresh, fresh, old]) {
    await put(target);
    expect(await copies.fault(name, target)).toBeUndefined();
  }
});

it.each([
  ['changed by hand', () => writeFile(first.path, 'x'), 'was changed'],
  ['opened', () => chmod(first.path, 0o644), 'has the mode 0644, not 0640'],
  ['removed', () => rm(store.path), 'is missing'],
  ['older than its password', () => utimes(join(root, 'password'), 1, 1), 'older than'],
  [
    'forgotten',
    () => rm(where.state, { recursive: true }).then(() => mkdir(where.state)),
    'made by',
  ],
] as const)('makes a copy again that was %s', async (_what, change, words) => {
  await put(old);
  await change();
  expect(await copies.fault(name, old)).toContain(words);
  await put(old);
  expect(await copies.fault(name, old)).toBeUndefined();
});

it.each([
  ['a missing directory', () => rm(place, { recursive: true }), 'there is no directory'],
  ['a directory of everyone', () => chmod(place, 0o777), 'everyone may exchange files'],
  ['a link', () => symlink('/etc/hostname', first.path), 'is a link'],
  ['a directory at its path', () => mkdir(first.path), 'is no file'],
  ['an open password', () => chmod(join(root, 'password'), 0o604), 'chmod o='],
  ['a missing password', () => rm(join(root, 'password')), 'there is no file'],
  ['a place that is taken', () => mkdir(join(place, '.store.p12.sixhub-new')), 'EISDIR'],
] as const)('says what to do about %s, and leaves nothing', async (_what, change, words) => {
  await change();
  expect(await copies.stage(name, old)).toContain(words);
  await copies.tidy(name);
  const left = await readdir(place).catch(() => []);
  const made = await Promise.all(left.map((entry) => lstat(join(place, entry))));
  expect(made.every((found) => !found.isFile())).toBe(true);
  expect(await readdir(where.state)).not.toContain('workshop');
});

it.each([
  ['openssl', 'pkcs12', 'openssl is not on this machine: apt install openssl'],
  ['/bin/sh', 'jks', 'keytool is not on this machine: apt install default-jre-headless'],
] as const)(
  'names the package where %s does not find its program',
  async (missing, form, words) => {
    const run: typeof runProgram = (file, args, options) =>
      file === missing
        ? runProgram(file, args, { ...options, env: { PATH: '/nowhere' } })
        : runProgram(file, args, options);
    const keepings = [{ certificate: name, rights: undefined, copies: [{ ...store, form }] }];
    copies = openCopies(where, keepings, formMaker(run, where.workshop));
    expect(await copies.stage(name, old)).toBe(`${store.path} can't be made: ${words}`);
  },
);

it('replaces no link that came to its place after the staging', async () => {
  await copies.stage(name, old);
  await symlink('/etc/hostname', first.path);
  expect(await copies.place(name, old)).toContain('is a link');
  expect((await lstat(first.path)).isSymbolicLink()).toBe(true);
  expect(await readdir(place)).toContain('store.p12');
});

it('clears away what a killed run left, and follows no link to do so', async () => {
  await put(old);
  const outside = join(root, 'outside');
  await writeFile(outside, 'mine');
  await symlink(outside, join(place, '.first.pem.sixhub-new'));
  await mkdir(where.workshop);
  await put(fresh);
  expect(await readFile(outside, 'utf8')).toBe('mine');
  await writeFile(join(place, '.first.pem.sixhub-new'), 'half');
  await copies.tidy(name);
  expect(await readdir(place)).toEqual(['first.pem', 'store.p12']);
  expect(await readdir(where.state)).toEqual(['copies']);
});
