import { constants } from 'node:fs';
import {
  access,
  lstat,
  mkdir,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  utimes,
} from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import {
  errorText,
  exitCodes,
  SixhubError,
  syncDirectory,
  systemCode,
  type Clock,
} from '@sixhub/base';
import { certificateName, type CertificateName } from '@sixhub/protocol';
import type { Keeping } from '../domain/keeping.js';
import type { Installed } from '../domain/version.js';
import type { LiveTree } from '../ports.js';
import { setAside } from './adoption.js';
import { letThrough, treeRightsFault } from './rights.js';
import { ignoreMissing, systemWords } from './system-words.js';
import { readVersionDirectory, writeVersionDirectory } from './version-directory.js';

/**
 * The tree that certbot's users know, with one difference that makes a switch atomic:
 *
 *     live/NAME                      one symlink, switched by one rename: to ../sixhub/NAME/VERSION
 *     sixhub/NAME/VERSION/*.pem      cert, chain, fullchain, privkey; complete before it has this name
 *
 * A reader that opens four files in a row across a switch can still see two versions; no layout of files helps there.
 * All temporary names are fixed and begin with a dot, which no certificate name does: a run holds the lock, so what it
 * finds under them was left by one that was killed.
 */
export async function openTree(
  configured: string,
  clock: Pick<Clock, 'now'>,
  keepings: readonly Keeping[] = [],
): Promise<LiveTree> {
  const live = await whereLiveIs(configured);
  const versions = join(dirname(live), 'sixhub');
  const linkOf = (name: CertificateName): string => join(live, name);
  const targetOf = (name: CertificateName, directory: string): string =>
    join('..', 'sixhub', name, directory);
  const rightsOf = (name: CertificateName): Keeping['rights'] =>
    keepings.find(({ certificate }) => certificate === name)?.rights;
  const above = (version: string): readonly string[] => [
    dirname(live),
    live,
    versions,
    dirname(version),
  ];

  async function look(name: CertificateName): Promise<Installed> {
    const found = await lstat(linkOf(name)).catch(ignoreMissing);
    if (found === undefined) return { kind: 'absent' };
    if (!found.isSymbolicLink()) {
      const what = found.isDirectory() ? 'a directory' : 'a file';
      return foreign(
        `${linkOf(name)} is ${what} that another program made, most likely certbot; hub-agent run --adopt takes it over`,
      );
    }
    const target = await readlink(linkOf(name));
    if (!isOurs(name, target))
      return foreign(`${linkOf(name)} is a link to ${target}, not made by hub-agent`);
    const read = await readVersionDirectory(linkOf(name), target);
    if (read.kind === 'damaged') return read;
    const amiss = await rightsAmiss(name, target);
    return amiss === undefined ? read : { ...read, amiss };
  }

  async function rightsAmiss(name: CertificateName, target: string): Promise<string | undefined> {
    const rights = rightsOf(name);
    if (rights === undefined) return undefined;
    const version = join(live, target);
    return treeRightsFault(version, above(version), rights);
  }

  /** Directories of versions, the one that live/NAME pointed to last before the others. */
  async function directories(name: CertificateName): Promise<readonly string[]> {
    const entries = await readdir(join(versions, name)).catch(ignoreMissing);
    const dated = (entries ?? [])
      .filter((entry) => !entry.startsWith('.'))
      .map(async (entry) => {
        const found = await stat(join(versions, name, entry)).catch(ignoreMissing);
        return found === undefined ? [] : [{ entry, at: found.mtimeMs }];
      });
    return (await Promise.all(dated))
      .flat()
      .sort((a, b) => b.at - a.at)
      .map(({ entry }) => entry);
  }

  async function pointedTo(name: CertificateName): Promise<string | undefined> {
    return readlink(linkOf(name)).catch(() => undefined); // absent, or not a link: points nowhere
  }

  return {
    look,

    async adopt(name) {
      await setAside(live, versions, name);
      return look(name);
    },

    async find(wanted) {
      for (const entry of await directories(wanted.name)) {
        if (!entry.startsWith(wanted.version)) continue;
        const target = targetOf(wanted.name, entry);
        const read = await readVersionDirectory(join(live, target), target);
        if (read.kind !== 'whole' || read.version.fingerprint !== wanted.fingerprint) continue;
        if ((await rightsAmiss(wanted.name, target)) === undefined) return target;
      }
      return undefined;
    },

    async before(name) {
      const current = await pointedTo(name);
      for (const entry of await directories(name)) {
        const target = targetOf(name, entry);
        if (target === current) continue;
        const read = await readVersionDirectory(join(live, target), target);
        if (read.kind === 'whole') return read;
      }
      return { kind: 'absent' };
    },

    async stage(bundle) {
      const home = join(versions, bundle.name);
      try {
        const rights = rightsOf(bundle.name);
        await mkdir(dirname(live), { recursive: true });
        await mkdir(live, { recursive: true, mode: 0o700 });
        await mkdir(home, { recursive: true, mode: 0o700 });
        if (rights !== undefined) await letThrough(above(join(home, bundle.version)));
        const taken = await directories(bundle.name);
        const directory = freeName(bundle.version, taken);
        const staging = join(home, `.staging-${directory}`);
        await rm(staging, { recursive: true, force: true });
        await writeVersionDirectory(staging, join(home, directory), bundle, rights);
        return { kind: 'staged', target: targetOf(bundle.name, directory) };
      } catch (error) {
        return { kind: 'failed', why: systemWords(error) };
      }
    },

    async point(name, target) {
      const temporary = join(live, `.sixhub-${name}`);
      try {
        await unlink(temporary).catch(ignoreMissing);
        await symlink(target, temporary);
        await utimes(join(live, target), clock.now(), clock.now()); // its rank among those that `tidy` keeps
        await rename(temporary, linkOf(name));
        await syncDirectory(live);
        return undefined;
      } catch (error) {
        return systemWords(error);
      }
    },

    async whose(path) {
      const copied = keepings.find(({ copies }) => copies.some((copy) => copy.path === path));
      if (copied !== undefined) return { kind: 'follows', certificate: copied.certificate };
      const followed = await throughLive(live, path);
      if (followed !== undefined) return { kind: 'follows', certificate: followed };
      const real = await realpath(path).catch(() => undefined); // missing: nobody's
      const pinned = real === undefined ? undefined : nameBelow(versions, real);
      return pinned === undefined ? undefined : { kind: 'pinned', certificate: pinned };
    },

    async tidy(name) {
      const left = join(live, `.sixhub-${name}`);
      // A read-only disk refuses to remove even what is not there.
      if ((await lstat(left).catch(ignoreMissing)) !== undefined) await unlink(left);
      const home = join(versions, name);
      const current = await pointedTo(name);
      const unused = (await directories(name)).filter((entry) => targetOf(name, entry) !== current);
      const entries = (await readdir(home).catch(ignoreMissing)) ?? [];
      const stale = entries.filter((entry) => entry.startsWith('.staging-'));
      for (const entry of [...unused.slice(1), ...stale]) {
        await rm(join(home, entry), { recursive: true, force: true });
      }
    },
  };
}

/** The certificate's name in DIRECTORY/NAME/…; undefined where the path leads elsewhere. */
function nameBelow(directory: string, path: string): CertificateName | undefined {
  const [name = '', ...rest] = relative(directory, path).split('/');
  return rest.length === 0 ? undefined : certificateName.safeParse(name).data;
}

/** Links are followed up to live/NAME and not through it: what leads past it stays with one version for ever. */
async function throughLive(live: string, path: string): Promise<CertificateName | undefined> {
  let at = path;
  for (let hops = 0; hops < 8; hops++) {
    const direct = nameBelow(live, at);
    if (direct !== undefined) return direct;
    // A link to the directory `live` itself, or to what is above it.
    const above = await realpath(dirname(dirname(at))).catch(() => undefined);
    if (above === live) return nameBelow(live, join(live, basename(dirname(at)), basename(at)));
    const next = await readlink(at).catch(() => undefined); // no link: the end of the way
    if (next === undefined) return undefined;
    at = resolve(dirname(at), next);
  }
  return undefined;
}

/**
 * Where `live` is a link to another file system, the versions live there too: the links between the two are relative.
 * Where it is missing, it is made with the first version.
 */
async function whereLiveIs(configured: string): Promise<string> {
  try {
    const live = await realpath(configured);
    await access(live, constants.R_OK | constants.X_OK);
    return live;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return configured;
    throw new SixhubError({
      code: 'live-unusable',
      fact: `the certificate directory ${configured} can't be read: ${errorText(error)}`,
      hint: 'Run hub-agent as root, or set `live` in agent.toml to a directory that it may use.',
      exit: exitCodes.usage,
      cause: error,
    });
  }
}

/** A version's directory has the version's name, or a number after it where one with this name was found damaged. */
function freeName(version: string, taken: readonly string[]): string {
  let name = version;
  for (let count = 2; taken.includes(name); count++) name = `${version}.${count}`;
  return name;
}

function isOurs(name: CertificateName, target: string): boolean {
  return target.startsWith(`../sixhub/${name}/`) || target.startsWith(`../sixhub/.adopted-${name}`);
}

function foreign(why: string): Installed {
  return { kind: 'foreign', why };
}
