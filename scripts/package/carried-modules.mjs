import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PackageError } from './package-error.mjs';

/** Dependencies that have their part in installing by npm alone. */
const forInstalling = ['prebuild-install'];

/**
 * The packages that one imports, and those that these import, as they lie in this checkout, with what their package.json
 * says; the one itself comes first. Optional peers are not among them: who wants them depends on them.
 */
export function carriedModules(directory) {
  const found = new Map();
  const todo = [directory];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const place = realpathSync(next);
    if (found.has(place)) continue;
    const about = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
    found.set(place, about);
    todo.push(...importedBy(about).map((name) => resolved(name, place)));
  }
  return [...found].map(([place, about]) => ({ place, about }));
}

function importedBy({ dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} }) {
  const peers = Object.keys(peerDependencies).filter(
    (name) => peerDependenciesMeta[name]?.optional !== true,
  );
  return [...Object.keys(dependencies), ...peers].filter((name) => !forInstalling.includes(name));
}

/** As Node looks for it: in node_modules beside the importer, then beside each directory above. */
function resolved(name, importer) {
  const place = join(importer, 'node_modules', name);
  if (existsSync(place)) return place;
  const above = dirname(importer);
  if (above !== importer) return resolved(name, above);
  throw new PackageError(`the npm package ${name} is not installed`, 'Run `npm ci` first.');
}
