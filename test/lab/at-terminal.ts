import { spawn } from 'node:child_process';
import {
  commandLine,
  type CommandName,
  type CommandOptions,
  type CommandResult,
} from './checkout.js';
import { programFile } from './program-file.js';

/**
 * Runs a command at a terminal of its own, as a person does: `script` of Debian's bsdutils makes a pseudo-terminal for
 * it. Answers when the command asks. What it prints, to stdout or stderr, comes as one text, as on a screen.
 */
export function runAtTerminal(
  name: CommandName,
  words: readonly string[],
  answer: { readonly to: string; readonly with: string },
  env: CommandOptions['env'] = {},
): Promise<Pick<CommandResult, 'code'> & { readonly screen: string }> {
  const command = [process.execPath, ...commandLine(name, words)].map(quoted).join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(programFile('script'), ['-qec', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    let screen = '';
    let answered = false;
    child.stdout.on('data', (chunk) => {
      screen += String(chunk);
      if (answered || !screen.includes(answer.to)) return;
      answered = true;
      child.stdin.write(`${answer.with}\n`); // and left open: a person does not go away
    });
    child.stdin.on('error', () => undefined); // it may have ended meanwhile
    child.once('error', reject);
    child.once('exit', () => child.stdin.end());
    child.once('close', (code) => resolve({ code: code ?? undefined, screen }));
  });
}

/** For the shell that `script` starts. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
