import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { exitCodes, SixhubError } from '@sixhub/base';

/** The whole path of a program of Debian's; daemons lie in sbin, which a plain user's PATH leaves out. */
export function programFile(name: string, debianPackage = name): string {
  const own = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '');
  for (const directory of [...own, '/usr/sbin', '/usr/bin', '/sbin', '/bin']) {
    const path = join(directory, name);
    if (isExecutable(path)) return path;
  }
  throw new SixhubError({
    code: 'program-missing',
    fact: `there is no program ${name} on this machine`,
    hint: `It is in Debian's package ${debianPackage}; \`node scripts/setup.mjs test\` installs what is missing.`,
    exit: exitCodes.usage,
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // not in this directory
  }
}
