import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { packageNames } from '../../.dependency-cruiser.mjs';
import { layerBreaches } from './layers.mjs';

/** A house of its own whose packages are whole and clean, plus the files given. */
function house(files) {
  const root = mkdtempSync(join(tmpdir(), 'sixhub-layers-'));
  const write = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const name of packageNames) {
    const exports = { '.': { types: './dist/index.d.ts' } };
    write(`packages/${name}/package.json`, JSON.stringify({ name: `@sixhub/${name}`, exports }));
    write(`packages/${name}/dist/index.d.ts`, 'export declare const x: number;');
    write(`packages/${name}/src/index.ts`, 'export const x = 1;');
    write(`node_modules/@sixhub/.keep`, '');
    symlinkSync(`../../packages/${name}`, join(root, 'node_modules/@sixhub', name));
  }
  write('node_modules/lib/package.json', '{"name":"lib","main":"index.js"}');
  write('node_modules/lib/index.js', 'module.exports = {};');
  for (const [path, text] of Object.entries(files)) write(path, text);
  return root;
}

/** Plain JavaScript is run as it is, and Node 20 knows no `using`. */
async function breachesOf(files, change = () => undefined) {
  const root = house(files);
  try {
    change(root);
    return (await layerBreaches(root)).breaches;
  } finally {
    rmSync(root, { recursive: true });
  }
}

async function rulesBroken(files) {
  const breaches = await breachesOf(files);
  return [...new Set(breaches.map((line) => line.split(':')[0]))].sort();
}

test('a house in order has no breach', async () => {
  expect(
    await rulesBroken({
      'packages/hub/src/domain/rule.ts': "import type { T } from 'lib';\nexport type R = T;",
      'packages/hub/src/ports.ts': "export type { R } from './domain/rule.js';",
      'packages/hub/src/store/rows.ts': "export type { R } from '../ports.js';\nimport 'node:fs';",
      'packages/hub/src/cli/list.ts': "import '../store/rows.js';\nimport '@sixhub/acme-dns';",
      'packages/hub/src/main.ts': "import './cli/list.js';",
    }),
  ).toEqual([]);
});

test('an upward or sideways arrow between packages is refused, for each package', async () => {
  const all = packageNames.map((name) => `import '@sixhub/${name}';`).join('\n');
  const files = packageNames.map((name) => [`packages/${name}/src/up.ts`, all]);
  // Nothing stands above hub but agent and hostcore beside it, so its own rule bites as well.
  expect(await rulesBroken(Object.fromEntries(files))).toEqual(
    packageNames.map((name) => `${name}-looks-down`).sort(),
  );
});

test('each rule inside a package bites', async () => {
  const store = { 'packages/hub/src/store/rows.ts': 'export const rows = 1;' };
  const broken = (path, text) => rulesBroken({ ...store, [`packages/hub/src/${path}`]: text });
  expect(await broken('domain/a.ts', "import 'node:fs';")).toEqual(['domain-is-pure']);
  expect(await broken('domain/a.ts', "import 'lib';")).toEqual(['domain-takes-types-only']);
  expect(await broken('domain/a.ts', "import '../store/rows.js';")).toEqual([
    'domain-knows-no-adapter',
  ]);
  expect(await broken('ports.ts', "import './store/rows.js';")).toEqual(['ports-know-no-adapter']);
  expect(await broken('ports/log.ts', "import '../store/rows.js';")).toEqual([
    'ports-know-no-adapter',
  ]);
  expect(await broken('a.ts', "import './gone.js';")).toEqual(['nothing-unresolved']);
  expect(await broken('a.test.ts', 'export {};')).toEqual([]);
  const circle = { 'packages/hub/src/a.ts': "import './b.js';" };
  expect(await rulesBroken({ ...circle, 'packages/hub/src/b.ts': "import './a.js';" })).toEqual([
    'no-circle',
  ]);
  for (const entry of ['cli/list.ts', 'api/list.ts', 'main.ts']) {
    expect(
      await rulesBroken({
        'packages/hub/src/store/a.ts': `import '../${entry.replace('.ts', '.js')}';`,
        [`packages/hub/src/${entry}`]: 'export {};',
      }),
    ).toEqual(['adapters-know-no-entry']);
  }
  expect(
    await rulesBroken({
      'packages/hub/src/store/a.ts': "import './a.test.js';",
      'packages/hub/src/store/a.test.ts': 'export {};',
    }),
  ).toEqual(['tests-stay-outside']);
});

test('a package that was not read is a breach', async () => {
  const remove = (root) => rmSync(join(root, 'packages/agent/src/index.ts'));
  expect(await breachesOf({}, remove)).toEqual([
    'not-read: no module of packages/agent/src was read',
  ]);
});
