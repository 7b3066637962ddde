import { chmod, chown, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rights } from '../domain/keeping.js';

/** What a file has of owner, group and mode. */
export interface FoundRights {
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
}

/** A clause about what is not as agent.toml wants it. */
export function rightsFault(found: FoundRights, wanted: Rights): string | undefined {
  if (found.uid !== wanted.uid) return `does not belong to ${wanted.owner}`;
  if (found.gid !== wanted.gid) return `is not of ${wanted.group}`;
  const mode = found.mode & 0o7777;
  return mode === wanted.mode
    ? undefined
    : `has the mode ${octal(mode)}, not ${octal(wanted.mode)}`;
}

function octal(mode: number): string {
  return `0${mode.toString(8).padStart(3, '0')}`;
}

/**
 * How others get at a key that agent.toml gives them. The directories above a version (`live` and its own, `sixhub`, `sixhub/NAME`)
 * let everyone through and nobody look around (0711): what lies behind is found by those who know its name, and each
 * version's directory says for itself who goes in. That one stays the agent's own, so that the owner of a key can't
 * exchange the files beside it.
 */
const through = 0o011;

/** The version's directory: its group looks and goes in; an owner of the key who need not be in it goes in as well. */
function versionMode(agent: number, { uid }: Rights): number {
  return uid === agent ? 0o750 : 0o751;
}

export async function grantDirectory(directory: string, rights: Rights): Promise<void> {
  const { uid } = await stat(directory);
  await chown(directory, uid, rights.gid);
  await chmod(directory, versionMode(uid, rights));
}

export async function letThrough(directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    const { mode } = await stat(directory);
    if ((mode & through) !== through) await chmod(directory, (mode & 0o7777) | through);
  }
}

/** Why those whom agent.toml lets read the key can't, or others could: a clause. */
export async function treeRightsFault(
  version: string,
  above: readonly string[],
  rights: Rights,
): Promise<string | undefined> {
  const key = join(version, 'privkey.pem');
  const fault = rightsFault(await stat(key), rights);
  if (fault !== undefined) return `privkey.pem ${fault}`;
  const own = await stat(version);
  const mode = versionMode(own.uid, rights);
  if (own.gid !== rights.gid || (own.mode & mode) !== mode) {
    return `its directory does not let ${rights.group} in`;
  }
  for (const directory of above) {
    const { mode: bits } = await stat(directory);
    if ((bits & through) !== through) return `${directory} lets nobody through to it`;
  }
  return undefined;
}
