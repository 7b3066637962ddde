import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PackageError } from './package-error.mjs';

/** Beside the program as its makers pack it, or where a Debian package of theirs has it. */
const licences = [
  join(dirname(dirname(process.execPath)), 'LICENSE'),
  '/usr/share/doc/nodejs/LICENSE',
];

/** The Node that runs this, for which the native parts were built: whole, and with its licence. */
export function carriedNode() {
  if (process.config.variables.node_shared === true) {
    throw new PackageError(
      `${process.execPath} is not whole: Debian's own Node keeps most of itself in libraries`,
      'Build and package with a Node from its makers (nodejs.org), which runs on each Debian.',
    );
  }
  const licence = licences.find((file) => existsSync(file));
  if (licence === undefined) {
    throw new PackageError(
      `the licence of ${process.execPath} is at none of ${licences.join(', ')}`,
      'It has to be in the packages: put it at the first of these places.',
    );
  }
  return {
    program: process.execPath,
    version: process.versions.node,
    licence: readFileSync(licence, 'utf8'),
  };
}
