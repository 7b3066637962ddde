import { lstat, mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { syncDirectory, systemCode } from '@sixhub/base';
import type { CertificateName } from '@sixhub/protocol';

/**
 * Takes over what certbot (or a person) left at live/NAME, when asked to by `--adopt`: it moves to
 * sixhub/.adopted-NAME, as deep in the tree as before so that its own relative links still hold, and live/NAME
 * becomes our link to it. The same files are served, and a rollback can come back to them.
 *
 * Between the two renames live/NAME is missing for some microseconds; no system call that Node has exchanges
 * a directory for a link. A run that is killed just there finds it absent and installs.
 *
 * certbot's renewal file moves too, or its next run would fail on a tree that is no longer its own.
 */
export async function setAside(
  live: string,
  versions: string,
  name: CertificateName,
): Promise<void> {
  await mkdir(versions, { recursive: true, mode: 0o700 });
  const aside = await freePath(join(versions, `.adopted-${name}`));
  const link = join(live, name);
  const temporary = join(live, `.sixhub-${name}`);
  await rm(temporary, { force: true });
  await symlink(join('..', 'sixhub', basename(aside)), temporary);
  if ((await lstat(link)).isSymbolicLink()) {
    // What it leads to stays where it is, and one rename puts ours in its place.
    await symlink(resolve(live, await readlink(link)), aside);
    await rename(temporary, link);
  } else {
    await rename(link, aside);
    await rename(temporary, link).catch(async (error: unknown) => {
      await rename(aside, link);
      throw error;
    });
  }
  await syncDirectory(live);
  const renewal = join(dirname(live), 'renewal', `${name}.conf`);
  await rename(renewal, `${renewal}.adopted-by-sixhub`).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
}

async function freePath(path: string): Promise<string> {
  for (let count = 1; ; count++) {
    const candidate = count === 1 ? path : `${path}.${count}`;
    const there = await lstat(candidate).catch(() => undefined); // missing: free
    if (there === undefined) return candidate;
  }
}
