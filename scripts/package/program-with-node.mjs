import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { carriedNode } from './carried-node.mjs';
import { moduleFiles, ownFiles } from './module-files.mjs';
import { PackageError } from './package-error.mjs';
import { sharedLibraries } from './shared-libraries.mjs';

/** Debian's architectures by Node's names for them. */
const architectures = { x64: 'amd64', arm64: 'arm64' };

/** Below /usr/lib/NAME: Node, the program as `dist`, and what it imports as `node_modules`. */
export function programWithNode({ name, form }, root, modules) {
  const home = `usr/lib/${name}`;
  const node = carriedNode();
  const sources = modules.flatMap(({ place, about }, index) => {
    const isOwn = about.name.startsWith('@sixhub/');
    const there = index === 0 ? home : join(home, placeOf(relative(root, place)));
    return (isOwn ? ownFiles(place) : moduleFiles(place, about.name)).map((path) => ({
      path: join(there, path),
      from: join(place, path),
    }));
  });
  const start = `exec /${home}/node ${nodeOptions(root, form.workspace)}/${home}/dist/main.js "$@"`;
  return {
    files: [
      ...sources.map(({ path, from }) => ({ path, content: readStripped(from) })),
      { path: `${home}/node`, content: readFileSync(node.program), mode: 0o755 },
      { path: `usr/bin/${form.command}`, content: `#!/bin/sh\n${start}\n`, mode: 0o755 },
      ...(form.links ?? []).map((link) => ({ path: `usr/bin/${link}`, link: form.command })),
    ],
    architecture: architectures[process.arch],
    runsOn: sharedLibraries([
      node.program,
      ...sources.map(({ from }) => from).filter((file) => file.endsWith('.node')),
    ]),
    node,
  };
}

/** The workspaces, too, lie in node_modules there, which has links to them here. */
function placeOf(path) {
  return path.replace(/^packages\/([^/]+)/, 'node_modules/@sixhub/$1');
}

/** As the first line of the checkout's own command has them. */
function nodeOptions(root, workspace) {
  const { bin } = JSON.parse(readFileSync(join(root, 'packages', workspace, 'package.json')));
  const [command] = Object.values(bin);
  const text = readFileSync(join(root, 'packages', workspace, command), 'utf8');
  const options = /^#!\/usr\/bin\/env -S node (.+)\n/.exec(text)?.[1];
  return options === undefined ? '' : `${options} `;
}

/** Native parts without what is for debuggers alone, which also names the directory that they were built in. */
function readStripped(file) {
  if (!file.endsWith('.node')) return readFileSync(file);
  const work = mkdtempSync(join(tmpdir(), 'sixhub-strip-'));
  try {
    const stripped = join(work, 'stripped');
    const { status, stderr, error } = spawnSync(
      'strip',
      [
        '--strip-unneeded',
        '--remove-section=.comment',
        '--remove-section=.note',
        '-o',
        stripped,
        file,
      ],
      { encoding: 'utf8' },
    );
    if (status !== 0) {
      throw new PackageError(
        `strip ${file}: ${stderr?.trim() || error?.message}`,
        "strip is in Debian's package binutils, which g++ brings.",
      );
    }
    return readFileSync(stripped);
  } finally {
    rmSync(work, { recursive: true });
  }
}
