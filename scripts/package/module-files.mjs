import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What a program reads of its packages when it runs; neither sources, types and source maps, nor prose. */
const isRun = /(?:^|\/)[^./][^/]*\.(?:[cm]?js|json|node|wasm)$/;
/** Commands of their own, and what their makers need; only at the top: deeper, `doc` is as good a name as any. */
const isBeside = /^(?:bin|scripts|docs?|examples?|bench(?:marks?)?|coverage)\/|^bin\.[cm]?js$/;
const isForTests =
  /^(?:tests?|testing)\/|(?:^|\/)(?:__tests__|\.[^/]*)\/|(?:^|\/)test\.[cm]?js$|\.(?:test|spec|bench)\.[cm]?js$/;

/** Packages that are built here lie beside their sources and what the build left. */
const exactly = {
  'better-sqlite3': /^(?:package\.json|lib\/.*|build\/Release\/better_sqlite3\.node)$/,
};

/** Of a package from npm, as paths in it. */
export function moduleFiles(place, name) {
  const only = exactly[name] ?? /^/;
  return filesBelow(place, (path) => !path.startsWith('node_modules/'))
    .filter((path) => isRun.test(path) && only.test(path))
    .filter((path) => !isForTests.test(path) && !isBeside.test(path))
    .toSorted();
}

/** Of a package of this repository: what its sources became, since dist/ keeps what older ones did. */
export function ownFiles(place) {
  const compiled = filesBelow(join(place, 'src'))
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .filter((path) => !isForTests.test(path) && !/(?:^|\/)test-[^/]*$/.test(path))
    .map((path) => join('dist', path.replace(/\.ts$/, '.js')));
  const native = filesBelow(join(place, 'native'))
    .filter((path) => path.endsWith('.node'))
    .map((path) => join('native', path));
  const assets = filesBelow(join(place, 'assets')).map((path) => join('assets', path));
  return ['package.json', ...compiled, ...native, ...assets].toSorted();
}

function filesBelow(place, isWanted = () => true) {
  if (!existsSync(place)) return [];
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(place.length + 1))
    .filter(isWanted);
}
