import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupError } from './setup-error.mjs';

/** Debian 13's Node; the first 20 that has what the dependencies use. */
const oldest = [20, 19];

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old: Sixhub needs ${oldest.join('.')} or newer`,
    `This one is ${process.execPath}. Debian 13's package nodejs is new enough.`,
  );
}

/**
 * Where this Node's own C++ headers lie, so that a compile needs no download; undefined where they are not there,
 * or are those of another Node: a module built with them would not load.
 */
export function headersPrefix() {
  const prefix = dirname(dirname(process.execPath));
  const directory = join(prefix, 'include', 'node');
  if (!existsSync(join(directory, 'node.h'))) return undefined;
  const version = readFileSync(join(directory, 'node_version.h'), 'utf8');
  const abi = /#define NODE_MODULE_VERSION (\d+)/.exec(version)?.[1];
  return abi === process.versions.modules ? prefix : undefined;
}

/** Debian's own nodejs keeps Node in a shared library, and its headers in a package apart. */
export function isDebiansNode() {
  return process.config.variables.node_shared === true;
}
