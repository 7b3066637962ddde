import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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
  const carried = modules.filter(({ about: { name } }) => !name.startsWith('@sixhub/'));
  switch (form.kind) {
    case 'one-file':
      return { files: await oneFile(about, root), architecture: 'all', depends: [], carried };
    case 'with-node':
      return { ...programWithNode(about, root, modules), carried };
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

async function bundled(root, workspace) {
  const work = mkdtempSync(join(tmpdir(), 'sixhub-bundle-'));
  try {
    const file = join(work, 'program.mjs');
    const input = join(root, 'packages', workspace, 'dist/main.js');
    await bundleIntoOneFile({ input, file });
    return Buffer.concat([Buffer.from('#!/usr/bin/node\n'), readFileSync(file)]);
  } finally {
    rmSync(work, { recursive: true });
  }
}
