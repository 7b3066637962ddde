import { spawn } from 'node:child_process';
import { systemCode } from './error.js';

/** How another program ended. Every one of these is an everyday outcome, so none of them throws. */
export type ProgramResult =
  | {
      readonly kind: 'exited';
      readonly code: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  | {
      readonly kind: 'killed';
      readonly by: string;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: 'timed-out'; readonly afterMs: number }
  | { readonly kind: 'not-started'; readonly reason: string };

export interface ProgramOptions {
  /** Given on standard input, which is then closed. Empty unless said. */
  readonly input?: string;
  readonly cwd?: string;
  /** The whole environment of the program; this process's own unless said. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Killed after this many milliseconds; 60 s unless said. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** Runs a program by an argument list, never through a shell. */
export type RunProgram = (
  file: string,
  args: readonly string[],
  options?: ProgramOptions,
) => Promise<ProgramResult>;

/** What is kept of each stream: the beginning, where programs say what is wrong. */
export const keptBytes = 1_048_576;

/** How long what a program has written is still read after its end, where another process holds the pipe open. */
const leftPipesMs = 1_000;

export const runProgram: RunProgram = (file, args, options = {}) =>
  new Promise((resolve) => {
    const timeoutMs = options.timeoutMs ?? 60_000;
    const child = spawn(file, [...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    child.stdin.on('error', () => undefined); // a program may end without reading what it was given
    child.stdin.end(options.input ?? '');
    child.on('error', (error) => {
      clearTimeout(timer);
      const reason = systemCode(error) === 'ENOENT' ? `there is no program ${file}` : error.message;
      resolve({ kind: 'not-started', reason });
    });
    // A program that leaves a child behind (a reload that starts a daemon) leaves it our pipes too: not waited for.
    let left: NodeJS.Timeout | undefined;
    child.on('exit', () => {
      left = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, leftPipesMs);
    });
    child.on('close', (code, by) => {
      clearTimeout(timer);
      clearTimeout(left);
      if (timedOut) resolve({ kind: 'timed-out', afterMs: timeoutMs });
      else if (code === null)
        resolve({ kind: 'killed', by: by ?? 'a signal', stdout: stdout(), stderr: stderr() });
      else resolve({ kind: 'exited', code, stdout: stdout(), stderr: stderr() });
    });
  });

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    if (size < keptBytes) chunks.push(chunk.subarray(0, keptBytes - size));
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** A failed program in its own words, shortened to what a person reads; undefined where it ended with 0. */
export function programFailure(result: ProgramResult): string | undefined {
  switch (result.kind) {
    case 'exited':
      if (result.code === 0) return undefined;
      return lastWords(result) || `exit code ${result.code}`;
    case 'killed':
      return `ended by ${result.by} ${lastWords(result)}`.trimEnd();
    case 'timed-out':
      return `no end after ${result.afterMs / 1000} s`;
    case 'not-started':
      return result.reason;
    default:
      return result satisfies never;
  }
}

function lastWords(result: { readonly stdout: string; readonly stderr: string }): string {
  const words = result.stderr.trim() || result.stdout.trim();
  return words.split('\n').slice(-6).join('\n').slice(-1_000);
}
