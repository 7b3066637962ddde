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
  const fileOf = await make(lab, version, []);
  return {
    'sixhub-acme-dns': fileOf('sixhub-acme-dns'),
    'sixhub-agent': fileOf('sixhub-agent'),
    'sixhub-hostcore': fileOf('sixhub-hostcore'),
    'sixhub-hub': fileOf('sixhub-hub'),
  };
}

/** These two alone: what machines with certificates have. */
export async function makeHubAndAgent(
  lab: Lab,
  version?: string,
): Promise<Pick<DebianPackages, 'sixhub-agent' | 'sixhub-hub'>> {
  const fileOf = await make(lab, version, ['sixhub-agent', 'sixhub-hub']);
  return { 'sixhub-agent': fileOf('sixhub-agent'), 'sixhub-hub': fileOf('sixhub-hub') };
}

async function make(
  lab: Lab,
  version: string | undefined,
  only: readonly PackageName[],
): Promise<(name: PackageName) => string> {
  const out = await lab.makeDirectory(`deb-${version ?? 'own'}`);
  const words = [
    ...(version === undefined ? [] : ['--version', version]),
    ...only.flatMap((name) => ['--only', name]),
  ];
  await runTool(
    'node',
    [join(checkoutRoot, 'scripts/package.mjs'), '--out', out, '--level', 'fast', ...words],
    { timeoutMs: 240_000 },
  );
  const files = await readdir(out);
  return (name) =>
    join(out, files.find((file) => file.startsWith(`${name}_`)) ?? `${name} was not made`);
}
