import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programFailure, runProgram, type ProgramResult } from '@sixhub/base';
import type { Lab } from './lab.js';
import { ports } from './ports.js';
import { programFile } from './program-file.js';

export interface DnsperfResult {
  readonly sent: number;
  readonly lost: number;
  readonly perSecond: number;
  /** All that it printed. */
  readonly text: string;
}

/** Asks an address of a lab `questions` (`NAME TYPE`) again and again; `options` are dnsperf's own. */
export type Dnsperf = (address: string, options: readonly string[]) => Promise<DnsperfResult>;

type Run = (program: string, args: readonly string[]) => Promise<ProgramResult>;

/** Throws its last words where dnsperf fails. `run` is where it runs, and from where it asks. */
export async function makeDnsperf(
  lab: Lab,
  questions: readonly string[],
  run: Run = runProgram,
): Promise<Dnsperf> {
  const file = join(await lab.makeDirectory('dnsperf'), 'questions');
  await writeFile(file, `${questions.join('\n')}\n`);
  return async (address, options) => {
    const ended = await run(programFile('dnsperf'), [
      ...['-s', address, '-p', String(ports.dns), '-d', file, ...options],
    ]);
    const failure = programFailure(ended);
    if (failure !== undefined || ended.kind !== 'exited') throw new Error(`dnsperf: ${failure}`);
    const figure = (name: string): number =>
      Number(new RegExp(`${name}:\\s+([\\d.]+)`).exec(ended.stdout)?.[1] ?? Number.NaN);
    return {
      sent: figure('Queries sent'),
      lost: figure('Queries lost'),
      perSecond: figure('Queries per second'),
      text: ended.stdout,
    };
  };
}
