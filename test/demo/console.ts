import { SixhubError } from '@sixhub/base';
import type { CommandOptions, CommandResult } from '../lab/index.js';
import type { Stage } from './stage.js';

/** Runs commands in front of the audience. */
export interface Console {
  /** The command must succeed. Its lines are shown as they come. */
  run(shown: string, start: Start, options?: ShownOptions): Promise<CommandResult>;
}

type Start = (options: CommandOptions) => Promise<CommandResult>;

export interface ShownOptions {
  readonly input?: string;
  /** Sees each line; what it returns is shown in its place. */
  readonly edit?: (line: string) => string;
}

export function openConsole(stage: Stage, signal: AbortSignal): Console {
  return {
    async run(shown, start, { input, edit = (line: string) => line } = {}) {
      signal.throwIfAborted();
      stage.command(shown);
      const result = await start({
        signal,
        onLine: (line) => stage.output(edit(line)),
        ...(input === undefined ? {} : { input }),
      });
      signal.throwIfAborted();
      if (result.code === 0) return result;
      throw new SixhubError({
        code: 'step-failed',
        fact: `\`${shown}\` ended with ${result.code ?? 'a signal'}`,
        hint: 'Its own words are above.',
      });
    },
  };
}
