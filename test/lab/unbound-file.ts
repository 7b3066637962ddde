import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from './lab.js';
import { programFile } from './program-file.js';

/**
 * unbound at a place of the lab's own. Debian's AppArmor, which knows a program by its path, has the one in /usr/sbin read below
 * /etc/unbound alone; a laboratory's files lie elsewhere.
 */
export async function unboundFile(lab: Lab): Promise<string> {
  const place = join(await lab.makeDirectory('programs'), 'unbound');
  await copyFile(programFile('unbound'), place);
  return place;
}
