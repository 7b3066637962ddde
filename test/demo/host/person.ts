import { SixhubError, systemClock } from '@sixhub/base';
import { programFile, type CommandResult, type Daemon, type HostMachine } from '../../lab/index.js';
import type { Console, ShownOptions } from '../console.js';
import { openExcerpt, type Edit } from '../excerpt.js';
import type { Stage } from '../stage.js';

export interface Seat {
  readonly stage: Stage;
  readonly console: Console;
  readonly signal: AbortSignal;
}

type Until = (said: string) => boolean | Promise<boolean>;

/** Who types at a machine's prompt. */
export interface Person {
  type(line: string, how?: Omit<ShownOptions, 'input' | 'prompt'>): Promise<CommandResult>;
  /** Goes on in a terminal of its own, of which no more is shown once this holds. */
  leaveRunning(line: string, until: Until, edit: Edit): Promise<Daemon>;
}

export function personAt(
  machine: HostMachine,
  prompt: string,
  { stage, console, signal }: Seat,
): Person {
  let terminals = 0;
  const words = (line: string): readonly string[] => ['-c', `PATH=/usr/local/sbin:$PATH; ${line}`];
  return {
    type: (line, how) =>
      console.run(
        line,
        async ({ onLine }) => {
          const start = performance.now();
          const result = await machine.run('/bin/sh', words(line));
          if (result.kind !== 'exited') throw new Error(`${line}: ${JSON.stringify(result)}`);
          const { code, stdout, stderr } = result;
          for (const text of linesOf(stdout)) onLine?.(text, 'stdout');
          for (const text of linesOf(stderr)) onLine?.(text, 'stderr');
          return { code, stdout, stderr, milliseconds: performance.now() - start };
        },
        { ...how, prompt },
      ),
    async leaveRunning(line, until, edit) {
      stage.command(line, prompt);
      const excerpt = openExcerpt(stage, edit);
      terminals += 1;
      const daemon = await machine.start(
        `terminal-${terminals}`,
        programFile('sh', 'dash'),
        words(`exec ${line}`),
        { says: 'it was started', holds: async () => true },
      );
      for (let shown = 0; ; await systemClock.sleep(20, signal)) {
        const isRunning = daemon.isRunning();
        const said = await daemon.log();
        const whole = said.split('\n').slice(0, -1);
        for (const text of whole.slice(shown)) excerpt.add(text);
        shown = whole.length;
        if (await until(said)) break;
        if (!isRunning) throw new Error(`\`${line}\` ended too early`);
      }
      excerpt.end();
      return daemon;
    },
  };
}

function linesOf(text: string): readonly string[] {
  const trimmed = text.replace(/\s+$/, '').replaceAll('\r', '');
  return trimmed === '' ? [] : trimmed.split('\n');
}

/** What a claim of the story rests on. */
export function mustShow({ stdout }: CommandResult, pattern: RegExp, claim: string): void {
  if (pattern.test(stdout)) return;
  throw new SixhubError({
    code: 'not-proven',
    fact: `it was not shown that ${claim}`,
    hint: `What was printed above does not match ${pattern}.`,
  });
}
