import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { exitCodes, SixhubError } from '@sixhub/base';

/** The commands of this checkout, as `npx` would start them. */
export const commands = {
  hub: 'packages/hub/bin/hub.js',
  'hub-agent': 'packages/agent/bin/hub-agent.js',
  'acme-dns': 'packages/acme-dns/bin/acme-dns.js',
  hostcore: 'packages/hostcore/bin/hostcore.js',
} as const;
export type CommandName = keyof typeof commands;

export interface CommandOptions {
  /** Standard input; empty unless said. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Called for each line as it is printed. */
  readonly onLine?: (line: string, from: 'stdout' | 'stderr') => void;
  /** Aborted, the command gets SIGTERM and ends in its own way. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface CommandResult {
  /** Undefined where a signal ended it. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

/** The root of the checkout that this file belongs to, be it run from its source or from dist/. */
export const checkoutRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

/** What to give node for a command: the options of the file's own first line, the file, then its arguments. */
export function commandLine(name: CommandName, args: readonly string[]): readonly string[] {
  const file = join(checkoutRoot, commands[name]);
  const options = /^#!\/usr\/bin\/env -S node (.+)\n/.exec(readFileSync(file, 'utf8'))?.[1];
  return [...(options?.split(' ') ?? []), file, ...args];
}

/** Runs one command to its end; how it ended is an answer, never an error. */
export function runCommand(
  name: CommandName,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, commandLine(name, args), {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      timeout: options.timeoutMs ?? 60_000,
      killSignal: 'SIGKILL',
    });
    const output = { stdout: '', stderr: '' };
    for (const from of ['stdout', 'stderr'] as const) {
      createInterface({ input: child[from] }).on('line', (line) => {
        output[from] += `${line}\n`;
        options.onLine?.(line, from);
      });
    }
    child.stdin.on('error', () => undefined); // it may end without reading
    child.stdin.end(options.input ?? '');
    const stop = (): void => void child.kill('SIGTERM');
    if (options.signal?.aborted === true) stop();
    options.signal?.addEventListener('abort', stop, { once: true });
    child.once('error', reject);
    child.once('close', (code) => {
      options.signal?.removeEventListener('abort', stop);
      resolve({
        code: code ?? undefined,
        ...output,
        milliseconds: performance.now() - start,
      });
    });
  });
}

function findRoot(from: string): string {
  if (existsSync(join(from, 'package-lock.json'))) return from;
  const above = dirname(from);
  if (above !== from) return findRoot(above);
  throw new SixhubError({
    code: 'no-checkout',
    fact: 'this is not run from a checkout of Sixhub',
    hint: 'Clone the repository and run `npm ci` in it.',
    exit: exitCodes.usage,
  });
}

/** Throws what a command printed unless it ended with `code`. */
export async function mustBe(code: number, result: CommandResult): Promise<CommandResult> {
  if (result.code === code) return result;
  throw new Error(`exit ${result.code} instead of ${code}:\n${result.stdout}${result.stderr}`);
}
