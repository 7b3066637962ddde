import { runProgram, type ProgramOptions, type ProgramResult } from '@sixhub/base';

/** Runs a program of this host, found in sbin as well, speaking English. */
export type Run = (
  file: string,
  args: readonly string[],
  options?: ProgramOptions,
) => Promise<ProgramResult>;

export const runHere: Run = (file, args, options = {}) =>
  runProgram(file, args, {
    timeoutMs: 100_000,
    ...options,
    env: {
      ...(options.env ?? process.env),
      ...{ PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' },
    },
  });

export function runWords(run: Run, command: string): Promise<ProgramResult> {
  const [file = '', ...args] = [...command.matchAll(/'([^']*)'|\S+/g)].map(
    ([word, quoted]) => quoted ?? word,
  );
  return run(file, args);
}
