import { readlinkSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemCode } from '@sixhub/base';
import { claimAddressBlock } from './address-block.js';

/**
 * A place on this machine where real daemons can be started without meeting anybody else's: its own loopback
 * addresses and its own directory. Closing it stops what was started in it, last first, and removes the directory.
 */
export interface Lab extends AsyncDisposable {
  /** Mode 755, as is every directory above it: a daemon that drops its rights still gets through. */
  readonly directory: string;
  /** An address that no other piece and no other lab has. */
  address(): string;
  /** A new directory of this name; the second of a name is `name-2`. */
  makeDirectory(name: string): Promise<string>;
  /** Has the lab close `piece` with itself. */
  own<T extends AsyncDisposable>(piece: T): T;
}

/**
 * Of labs whose process has a number in the same space as ours: one that was opened in a process namespace of its own
 * shares this directory, and sees none of our processes.
 */
const prefix = `sixhub-lab-${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? ''}-`;

export async function openLab(): Promise<Lab> {
  await sweep();
  const addresses = await claimAddressBlock();
  const directory = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  await chmod(directory, 0o755);
  const pieces: AsyncDisposable[] = [addresses];
  const names = new Map<string, number>();
  return {
    directory,
    address: () => addresses.next(),
    async makeDirectory(name) {
      const count = (names.get(name) ?? 0) + 1;
      names.set(name, count);
      const path = join(directory, count === 1 ? name : `${name}-${count}`);
      await mkdir(path, { mode: 0o755 });
      return path;
    },
    own(piece) {
      pieces.push(piece);
      return piece;
    },
    async [Symbol.asyncDispose]() {
      const faults = await closeAll(pieces.splice(0));
      await rm(directory, { recursive: true, force: true });
      if (faults.length > 0) throw new AggregateError(faults, 'a piece of the lab did not close');
    },
  };
}

/** Last first, each whatever became of the one before. */
async function closeAll(pieces: readonly AsyncDisposable[]): Promise<readonly unknown[]> {
  const faults: unknown[] = [];
  for (const piece of pieces.toReversed()) {
    try {
      await piece[Symbol.asyncDispose]();
    } catch (error) {
      faults.push(error);
    }
  }
  return faults;
}

/** Directories of runs that were killed; their daemons went with them. */
async function sweep(): Promise<void> {
  for (const entry of await readdir(tmpdir())) {
    if (!entry.startsWith(prefix)) continue;
    const pid = Number(entry.slice(prefix.length).split('-')[0]);
    if (pid > 0 && !isAlive(pid)) await rm(join(tmpdir(), entry), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== 'ESRCH'; // EPERM: somebody else's, and alive
  }
}
