import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Writes what a package installs beside the commands, from their own declarations: manual pages, and completion where
 * Debian's shells look for it. Takes a directory, which becomes like `/`: `build/pages` unless named.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
const target = process.argv[2] ?? join(root, 'build/pages');

/** By the file that declares it and the name under which it does. */
const declared = [
  ['packages/hub/dist/cli/program.js', 'hub'],
  ['packages/agent/dist/cli/program.js', 'hubAgent'],
  ['packages/acme-dns/dist/cli/program.js', 'program'],
  ['packages/hostcore/dist/cli/program.js', 'hostcore'],
];

const { completionScript, manPage } = await import(join(root, 'packages/base/dist/index.js'));
const programs = await Promise.all(
  declared.map(async ([file, name]) => (await import(join(root, file)))[name]),
);

// https://reproducible-builds.org/specs/source-date-epoch/
const epoch = process.env['SOURCE_DATE_EPOCH'];
const date = epoch === undefined ? new Date() : new Date(Number(epoch) * 1_000);

for (const program of programs) {
  const { name, alsoCalled = [] } = program;
  const seeAlso = programs.map((other) => other.name).filter((other) => other !== name);
  await write(`usr/share/man/man1/${name}.1`, manPage(program, { date, seeAlso }));
  for (const other of alsoCalled) {
    await write(`usr/share/man/man1/${other}.1`, `.so man1/${name}.1\n`);
  }
  for (const called of [name, ...alsoCalled]) {
    await write(
      `usr/share/bash-completion/completions/${called}`,
      completionScript(program, 'bash'),
    );
    await write(
      `usr/share/fish/vendor_completions.d/${called}.fish`,
      completionScript(program, 'fish'),
    );
  }
  await write(`usr/share/zsh/vendor-completions/_${name}`, completionScript(program, 'zsh'));
}

async function write(file, text) {
  const path = join(target, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  process.stdout.write(`${path}\n`);
}
