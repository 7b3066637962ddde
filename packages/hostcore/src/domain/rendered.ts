/** A file as hostcore would have it. Which service takes it, and what it is for, go with it into the plan. */
export interface RenderedFile {
  readonly path: string;
  readonly mode: number;
  /** For people: what is lost without it. */
  readonly purpose: string;
  readonly text: string;
  /** The whole file is ours; or a block in one that others write as well. */
  readonly kind: 'whole' | 'block';
  readonly taker: Taker;
  /** Of a block: a line of somebody else's that says the same already, and which lines ours stands instead of. */
  readonly already?: RegExp;
  readonly instead?: RegExp;
  /** What its reader has for itself: without that nobody would read it, and it is not written. */
  readonly beside?: string;
}

/** Who must learn of a change, and how. */
export type Taker =
  | { readonly kind: 'none' }
  | { readonly kind: 'sysctl' }
  | { readonly kind: 'modules' }
  | { readonly kind: 'mount'; readonly target: string }
  | { readonly kind: 'network'; readonly manager: 'networkd' | 'netplan' }
  | { readonly kind: 'unit-file'; readonly unit: string }
  | { readonly kind: 'service'; readonly unit: string; readonly how: 'reload' | 'restart' };

/** What begins a comment in a file; JSON has none, and carries its origin as a value. */
export type CommentMark = '#' | '//' | 'json';
