import type { Copy } from '../domain/keeping.js';

export type Made =
  | { readonly kind: 'made'; readonly content: string | Uint8Array }
  | { readonly kind: 'failed'; readonly why: string };

/** A copy's content, made from the four files of a version's `directory`. */
export type MakeForm = (copy: Copy, directory: string) => Promise<Made>;
