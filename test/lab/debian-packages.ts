import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkoutRoot } from './checkout.js';
import type { Lab } from './lab.js';
import { runTool } from './run-tool.js';

export const packageNames = [
  'sixhub-acme-dns',
  'sixhub-agent',
  'sixhub-hostcore',
  'sixhub-hub',
] as const;
export type PackageName = (typeof packageNames)[number];

/** Where each package lies. */
export type DebianPackages = Readonly<Record<PackageName, string>>;

/** Makes all packages of this checkout, quickly and therefore large; of another version where one is named. */
export async function makePackages(lab: Lab, version?: string): Promise<DebianPackages> {
  const out = await lab.makeDirectory(`deb-${version ?? 'own'}`);
  const words = version === undefined ? [] : ['--version', version];
  await runTool('node', [
    ...[join(checkoutRoot, 'scripts/package.mjs'), '--out', out, '--level', '0'],
    ...words,
  ]);
  const files = await readdir(out);
  const fileOf = (name: PackageName): string =>
    join(out, files.find((file) => file.startsWith(`${name}_`)) ?? `${name} was not made`);
  return {
    'sixhub-acme-dns': fileOf('sixhub-acme-dns'),
    'sixhub-agent': fileOf('sixhub-agent'),
    'sixhub-hostcore': fileOf('sixhub-hostcore'),
    'sixhub-hub': fileOf('sixhub-hub'),
  };
}
