import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { Program, Terminal } from './command.js';
import { runCommandLine } from './command-line.js';
import { TerminalScreen } from './screen.js';

/** The entry of a program: this process's streams, signals and exit code around its command line. */
export async function runProcess(program: Program): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => stop.abort(new Stopped(name)));
  }
  // A reader that goes away (`hub list | head -1`) is no error of ours.
  process.stdout.on('error', () => stop.abort(new Stopped('EPIPE')));
  const { stdout, stderr, env } = process;
  const able = env['TERM'] !== 'dumb';
  const colourful = able && (env['NO_COLOR'] ?? '') === '';
  const screen = stderr.isTTY && able ? new TerminalScreen(stderr) : undefined;
  const above = (print: () => void): void => (screen === undefined ? print() : screen.above(print));
  const terminal: Terminal = {
    out: (line) => above(() => stdout.write(`${line}\n`)),
    err: (line) => above(() => stderr.write(`${line}\n`)),
    interactive: stderr.isTTY === true,
    get columns() {
      return (stdout.isTTY ? stdout.columns : Number(env['COLUMNS'])) || 80;
    },
    get outColumns() {
      return stdout.isTTY ? stdout.columns || 80 : undefined;
    },
    get errColumns() {
      return stderr.isTTY ? stderr.columns || 80 : undefined;
    },
    screen,
    colour: { out: stdout.isTTY && colourful, err: stderr.isTTY && colourful },
    readAll: () => text(process.stdin),
    confirm: (question) => confirm(question, stop.signal),
    signal: stop.signal,
  };
  process.exitCode = await runCommandLine(program, process.argv.slice(2), terminal);
}

async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  process.stderr.write(`${question} [y/N] `);
  // The terminal keeps its own line editing, so that Ctrl-C is a signal as everywhere else.
  const lines = createInterface({ input: process.stdin, terminal: false, signal });
  try {
    for await (const line of lines) return /^y(es)?$/i.test(line.trim());
    signal.throwIfAborted();
    return false;
  } finally {
    lines.close();
  }
}

/** Why `Terminal.signal` aborted. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
  readonly by: string;
  constructor(by: string) {
    super(`stopped by ${by}`);
    this.by = by;
  }
}
