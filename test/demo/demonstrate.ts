import { constants } from 'node:os';
import { errorText, SixhubError } from '@sixhub/base';
import { openLab, type Lab } from '../lab/index.js';
import { openStage, type Stage } from './stage.js';

/** Resolves only if everything that it claims was proven. */
export type Story = (lab: Lab, stage: Stage, signal: AbortSignal) => Promise<void>;

export const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Tells a story once, and ends everything that it started, however it ends; the exit code. */
export async function demonstrate(tell: Story, longestMs: number): Promise<number> {
  const stage = openStage(process.stdout);
  const start = performance.now();
  const interrupted = new AbortController();
  let exitCode = 1;
  for (const name of stopSignals) {
    process.on(name, () => {
      exitCode = 128 + constants.signals[name];
      interrupted.abort(new Error(`stopped by ${name}`));
    });
  }
  const late = AbortSignal.timeout(longestMs);
  const signal = AbortSignal.any([interrupted.signal, late]);
  try {
    await using lab = await openLab();
    await tell(lab, stage, signal);
    exitCode = 0;
  } catch (error) {
    process.stderr.write(`\n${explain(late.aborted ? tooLate(longestMs) : error)}\n`);
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(
    exitCode === 0
      ? `\nDone in ${seconds} s. Everything that was started has ended, and nothing is left behind.\n`
      : `\nNot proven (after ${seconds} s). Everything that was started has ended.\n`,
  );
  return exitCode;
}

function tooLate(longestMs: number): Error {
  return new Error(`the demonstration did not end within ${longestMs / 1000} s`);
}

export function explain(error: unknown): string {
  if (error instanceof SixhubError) return `error: ${error.fact}\n  ${error.hint}`;
  return `error: ${errorText(error)}`;
}
