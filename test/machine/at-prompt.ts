import { spawn } from 'node:child_process';
import { programFile } from '../lab/index.js';
import type { Ran } from './ran.js';

/** What a person at the terminal does when this appears: types a line, or does something elsewhere. */
export interface Reaction {
  readonly to: RegExp;
  /** Once for each match; what it returns is typed. */
  readonly by: (match: RegExpExecArray) => string | undefined | Promise<string | undefined>;
}

/** Types a command at a terminal of its own and reacts as a person would, until it ends. */
export function atPrompt(
  line: string,
  {
    shell,
    reactions,
  }: { readonly shell: readonly string[]; readonly reactions: readonly Reaction[] },
): Promise<Omit<Ran, 'exit'>> {
  const command = [...shell, line].map(quoted).join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(programFile('script'), ['-qec', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: 90_000,
      killSignal: 'SIGKILL',
      cwd: '/root',
      env: { ...process.env, HOME: '/root', COLUMNS: undefined, TERM: 'xterm' },
    });
    let screen = '';
    const done = new Set<string>();
    const react = async ({ to, by }: Reaction): Promise<void> => {
      const match = to.exec(screen);
      if (match === null || done.has(match[0])) return;
      done.add(match[0]);
      const typed = await by(match);
      if (typed !== undefined) child.stdin.write(`${typed}\n`);
    };
    child.stdout.on('data', (chunk) => {
      screen += String(chunk).replaceAll('\r', '');
      for (const reaction of reactions) react(reaction).catch(reject);
    });
    child.stdin.on('error', () => undefined); // it may have ended meanwhile
    child.once('error', reject);
    child.once('exit', () => child.stdin.end());
    child.once('close', (code) => resolve({ line, code: code ?? undefined, screen }));
  });
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
