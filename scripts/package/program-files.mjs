import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleIntoOneFile } from '../bundle/one-file.mjs';
import { carriedModules } from './carried-modules.mjs';
import { programWithNode } from './program-with-node.mjs';

/**
 * The program itself: its files, and what follows from them: the architecture, relations to other packages, whose
 * software is in it.
 */
export async function programFiles(about, root) {
  const { form } = about;
  const modules = carriedModules(join(root, 'packages', form.workspace));
  const carried = foreign([
    ...modules,
    ...(form.brings === undefined ? [] : carriedModules(join(root, 'packages', form.brings))),
  ]);
  switch (form.kind) {
    case 'one-file':
      return { files: await oneFile(about, root), architecture: 'all', runsOn: [], carried };
    case 'with-node': {
      const program = programWithNode(about, root, modules);
      const brought = form.brings === undefined ? [] : await broughtFiles(about, root);
      return { ...program, files: [...program.files, ...brought], carried };
    }
    default:
      throw new Error(`${about.name}: there is no form ${form.kind}`);
  }
}

async function oneFile({ name, form }, root) {
  const place = `lib/${name}/${form.command}.mjs`;
  return [
    { path: `usr/${place}`, content: await bundled(root, form.workspace), mode: 0o755 },
    { path: `usr/bin/${form.command}`, link: `../${place}` },
  ];
}

/** Each once, and none of ours. */
function foreign(modules) {
  const byPlace = new Map(modules.map((module) => [module.place, module]));
  return [...byPlace.values()].filter(({ about: { name } }) => !name.startsWith('@sixhub/'));
}

/** What the program brings onto other machines, in the shape of a checkout's workspace: one file, and its units. */
async function broughtFiles({ name, form: { brings } }, root) {
  const home = `usr/lib/${name}/${brings}`;
  const units = join(root, 'packages', brings, 'systemd');
  return [
    { path: `${home}/dist/hub-${brings}.mjs`, content: await bundled(root, brings, '') },
    ...readdirSync(units)
      .toSorted()
      .map((unit) => ({
        path: `${home}/systemd/${unit}`,
        content: readFileSync(join(units, unit)),
      })),
  ];
}

async function bundled(root, workspace, firstLine = '#!/usr/bin/node\n') {
  const work = mkdtempSync(join(tmpdir(), 'sixhub-bundle-'));
  try {
    const file = join(work, 'program.mjs');
    const input = join(root, 'packages', workspace, 'dist/main.js');
    await bundleIntoOneFile({ input, file });
    return Buffer.concat([Buffer.from(firstLine), readFileSync(file)]);
  } finally {
    rmSync(work, { recursive: true });
  }
}
