import { programFailure, runProgram, SixhubError, type ProgramOptions } from '@sixhub/base';
import { programFile } from './program-file.js';

/** Runs a program that must succeed and returns what it printed. */
export async function runTool(
  name: string,
  args: readonly string[],
  options?: ProgramOptions,
): Promise<string> {
  const result = await runProgram(programFile(name), args, options);
  if (result.kind === 'exited' && result.code === 0) return result.stdout;
  throw new SixhubError({
    code: 'tool-failed',
    fact: `${name} ${args[0] ?? ''} did not succeed`,
    hint: programFailure(result) ?? 'It ended with 0.',
  });
}
