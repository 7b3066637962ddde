import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const file = fileURLToPath(new URL('../dist/hub-agent.mjs', import.meta.url));

/** What Node 18 lacks of the language, so that a run on a path that no test goes is not where it is found. */
const younger = [
  /\.(?:toSorted|toReversed|toSpliced|isWellFormed|toWellFormed)\(/,
  /\.(?:symmetricDifference|isSubsetOf|isSupersetOf|isDisjointFrom|intersection)\(/,
  /\b(?:Promise\.(?:withResolvers|try)|(?:Object|Map)\.groupBy|Array\.fromAsync|Iterator\.from|RegExp\.escape)\b/,
  /\bimport\.meta\.(?:dirname|filename|resolve)\b/,
  /from ?["']node:(?:sqlite|sea|test\/reporters)["']/,
];

it('is one file of under 1.5 MB that imports from Node alone', async () => {
  expect((await stat(file)).size).toBeLessThan(1.5e6);
  const imported = [
    ...(await readFile(file, 'utf8')).matchAll(/\bimport\b[^"'();]*["']([^"']+)["']/g),
  ];
  expect(imported.length).toBeGreaterThan(5);
  expect(imported.map(([, from]) => from).filter((from) => !from?.startsWith('node:'))).toEqual([]);
});

it('uses nothing that Node 18 does not have', async () => {
  const text = await readFile(file, 'utf8');
  expect(younger.flatMap((pattern) => pattern.exec(text)?.[0] ?? [])).toEqual([]);
});
