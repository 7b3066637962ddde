import type { CommentMark, Taker } from '../domain/rendered.js';

/** A file before its lines of origin. */
export interface Part {
  readonly path: string;
  readonly purpose: string;
  readonly body: string;
  readonly taker: Taker;
  /** 0644 unless said. */
  readonly mode?: number;
  readonly mark?: CommentMark;
  readonly kind?: 'whole' | 'block';
  readonly already?: RegExp;
  readonly instead?: RegExp;
  readonly beside?: string;
  /** What must stand before everything else, like `#!/bin/sh`. */
  readonly first?: string;
}

export function text(lines: readonly (string | readonly string[] | undefined)[]): string {
  const flat = lines.flatMap((line) => line ?? []);
  return `${flat.join('\n')}\n`;
}
