import { SixhubError } from '@sixhub/base';
import type { CommandOptions, CommandResult } from '../lab/index.js';
import { openExcerpt, type Edit } from './excerpt.js';
import type { Stage } from './stage.js';

/** Runs commands in front of the audience. */
export interface Console {
  /** The command must succeed. Its lines are shown as they come. */
  run(shown: string, start: Start, options?: ShownOptions): Promise<CommandResult>;
}

type Start = (options: CommandOptions) => Promise<CommandResult>;

export interface ShownOptions {
  readonly input?: string;
  readonly edit?: Edit;
  readonly prompt?: string;
  /** How it must end, where that is not with 0. */
  readonly code?: number;
}

export function openConsole(stage: Stage, signal: AbortSignal): Console {
  return {
    async run(shown, start, { input, edit, prompt, code = 0 } = {}) {
      signal.throwIfAborted();
      stage.command(shown, prompt);
      const excerpt = openExcerpt(stage, edit);
      const result = await start({
        signal,
        onLine: excerpt.add,
        ...(input === undefined ? {} : { input }),
      });
      excerpt.end();
      signal.throwIfAborted();
      if (result.code === code) return result;
      throw new SixhubError({
        code: 'step-failed',
        fact: `\`${shown}\` ended with ${result.code ?? 'a signal'}, not with ${code}`,
        hint: 'Its own words are above.',
      });
    },
  };
}
