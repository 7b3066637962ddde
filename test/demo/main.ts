/**
 * `npm run demo`: the whole way once, on this machine alone. Real programs on loopback addresses; nothing outside the
 * lab's own directory is read or written, and nothing is left when it ends, however it ends.
 */
import { constants } from 'node:os';
import { errorText, SixhubError } from '@sixhub/base';
import { openLab } from '../lab/index.js';
import { openStage } from './stage.js';
import { tellStory } from './story.js';

/** A demonstration that takes longer than this has failed at being one. */
const longestMs = 60_000;

process.exitCode = await demonstrate();

async function demonstrate(): Promise<number> {
  const stage = openStage(process.stdout);
  const start = performance.now();
  const interrupted = new AbortController();
  let exitCode = 1;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      exitCode = 128 + constants.signals[name];
      interrupted.abort(new Error(`stopped by ${name}`));
    });
  }
  const late = AbortSignal.timeout(longestMs);
  const signal = AbortSignal.any([interrupted.signal, late]);
  try {
    await using lab = await openLab();
    await tellStory(lab, stage, signal);
    exitCode = 0;
  } catch (error) {
    process.stderr.write(`\n${explain(late.aborted ? tooLate() : error)}\n`);
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(
    exitCode === 0
      ? `\nDone in ${seconds} s. Everything that was started has ended, and nothing is left behind.\n`
      : `\nNot proven (after ${seconds} s). Everything that was started has ended.\n`,
  );
  return exitCode;
}

function tooLate(): Error {
  return new Error(`the demonstration did not end within ${longestMs / 1000} s`);
}

function explain(error: unknown): string {
  if (error instanceof SixhubError) return `error: ${error.fact}\n  ${error.hint}`;
  return `error: ${errorText(error)}`;
}
