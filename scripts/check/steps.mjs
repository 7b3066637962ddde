import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { layerBreaches } from './layers.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** In the order of what is worth knowing first. `words` are an npm script or a tool of node_modules/.bin. */
export const checkSteps = [
  { name: 'build', static: true, words: ['npm', 'run', '--silent', 'build'] },
  {
    name: 'lint',
    static: true,
    words: ['npm', 'run', '--silent', 'lint'],
    note: (output) => /on \d+ files with \d+ rules/.exec(output)?.[0] ?? '',
  },
  { name: 'format', static: true, words: tool('prettier', '--check', '--log-level', 'warn', '.') },
  { name: 'layers', static: true, run: layers },
  { name: 'unused', static: true, words: tool('knip', '--no-progress', '--no-config-hints') },
  {
    name: 'units',
    static: false,
    words: tool('vitest', 'run', '--project', 'unit', '--reporter', 'default', '--no-color'),
    note: (output) => /Tests\s+(.*)/.exec(output)?.[1] ?? '',
  },
];

/** @returns {Promise<{ ok: boolean, note: string, output: string }>} */
export async function runStep(step) {
  if (step.run !== undefined) return step.run();
  const { code, output } = await run(step.words);
  return { ok: code === 0, note: step.note?.(output) ?? '', output };
}

async function layers() {
  const { modules, breaches } = await layerBreaches(root);
  return {
    ok: breaches.length === 0,
    note: `${modules} modules`,
    output: breaches.join('\n'),
  };
}

function tool(name, ...args) {
  return [`${root}node_modules/.bin/${name}`, ...args];
}

function run([file, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: `${file}: ${error.message}` }));
    // Where CI is set, some tools paint whatever they are told.
    child.on('close', (code) => resolve({ code, output: stripVTControlCharacters(output) }));
  });
}
