/**
 * Runs all of vitest with the arguments given and closes with `N passed, N failed` alone on a line, whatever
 * happened: written here and not by a reporter, so that nothing can be printed after it.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closingLine, countResults } from './test/results.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'sixhub-results-'));
const report = join(directory, 'results.json');
try {
  const code = await runVitest();
  const counts = countResults(readReport(), code);
  process.stdout.write(`${closingLine(counts)}\n`);
  process.exitCode = counts.failed > 0 ? code || 1 : 0;
} finally {
  rmSync(directory, { recursive: true });
}

function runVitest() {
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  // Ctrl-C reaches vitest too; it ends its tests, and we wait for it to have the last word.
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => child.kill(name));
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), ...args, ...process.argv.slice(2)],
    { cwd: root, stdio: 'inherit' },
  );
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', (code) => resolve(code ?? 1));
  });
}

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    return undefined; // it ended before it could write one, which counts as a failure
  }
}
