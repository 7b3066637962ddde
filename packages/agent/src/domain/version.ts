/** A version as it lies in the tree of this machine, read from its own files. */
export interface TreeVersion {
  /** What live/NAME points to, relative to `live`: the one handle by which a version is switched. */
  readonly target: string;
  /** SHA-256 of the leaf. */
  readonly fingerprint: string;
  readonly notAfter: Date;
}

/** What is found under live/NAME. */
export type Installed =
  | { readonly kind: 'absent' }
  /** Four files that belong together. */
  | {
      readonly kind: 'whole';
      readonly version: TreeVersion;
      /** What agent.toml wants otherwise about its rights or its copies: a clause. The way back to it stays open. */
      readonly amiss?: string;
    }
  /** Ours, but somebody changed, removed or opened a file. */
  | { readonly kind: 'damaged'; readonly why: string }
  /** Made by another program; never touched without `--adopt`. */
  | { readonly kind: 'foreign'; readonly why: string };

export function isExpired(version: { readonly notAfter: Date }, now: Date): boolean {
  return version.notAfter.getTime() <= now.getTime();
}
