import { readFileSync } from 'node:fs';

/** Which release of GCC's library brought which version of its symbols. */
const gccReleases = [
  [34, '15'],
  [33, '14'],
  [31, '13'],
  [30, '12'],
  [29, '11'],
  [26, '9'],
  [25, '8'],
  [23, '7'],
];

/**
 * The versions of the C and C++ libraries that programs were linked for, as Debian's relations: an older library has
 * not all symbols. The names of the versions stand in the program as they are written here.
 */
export function sharedLibraries(files) {
  const versions = files.flatMap((file) => [
    ...readFileSync(file, 'latin1').matchAll(/\0(GLIBC|GLIBCXX)_([\d.]+)(?=\0)/g),
  ]);
  const newest = (library) =>
    versions
      .filter(([, name]) => name === library)
      .map(([, , version]) => version.split('.').map(Number))
      .toSorted(byParts)
      .at(-1) ?? [0];
  const cxx = newest('GLIBCXX').at(-1);
  const gcc = gccReleases.find(([symbols]) => cxx >= symbols)?.[1] ?? '5';
  return [`libc6 (>= ${newest('GLIBC').join('.')})`, 'libgcc-s1', `libstdc++6 (>= ${gcc})`];
}

function byParts(one, other) {
  const different = one.findIndex((part, index) => part !== (other[index] ?? 0));
  if (different === -1) return one.length - other.length;
  return one[different] - (other[different] ?? 0);
}
