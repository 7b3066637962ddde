import type { Stage } from './stage.js';

/** Sees each line of a program; what it returns is shown in its place, and nothing is a line left out. */
export type Edit = (line: string) => string | undefined;

export interface Excerpt {
  /** Shown as it comes. */
  add(line: string): void;
  /** Tells the audience how much it has not seen. */
  end(): void;
}

export function openExcerpt(stage: Stage, edit: Edit = (line) => line): Excerpt {
  let leftOut = 0;
  return {
    add(line) {
      const shown = edit(line);
      if (shown !== undefined) stage.output(shown);
      else if (line !== '') leftOut += 1;
    },
    end() {
      if (leftOut > 0) stage.output(`(${leftOut} more ${leftOut === 1 ? 'line' : 'lines'})`);
      leftOut = 0;
    },
  };
}

/** Only the lines of which one of these is true. */
export function only(...patterns: readonly RegExp[]): Edit {
  return (line) => (patterns.some((pattern) => pattern.test(line)) ? line : undefined);
}
