import type { Copy } from '../domain/keeping.js';
import { rightsFault, type FoundRights } from '../live/rights.js';
import type { MadeCopy } from './record.js';

/** What lies at a copy's place. */
export type FoundCopy =
  | { readonly kind: 'missing' }
  | { readonly kind: 'other'; readonly what: string }
  | { readonly kind: 'file'; readonly rights: FoundRights; readonly sha256: string };

/** What a copy is to be made of. */
export interface Wanted {
  readonly copy: Copy;
  /** SHA-256 of the leaf. */
  readonly version: string;
  /** When its password's file was last written; undefined where it has none, or where that is missing. */
  readonly passwordWritten: number | undefined;
}

/** A clause about what is not right; undefined: just what the agent would make now. */
export function copyFault(
  { copy, version, passwordWritten }: Wanted,
  found: FoundCopy,
  made: readonly MadeCopy[],
): string | undefined {
  switch (found.kind) {
    case 'missing':
      return `${copy.path} is missing`;
    case 'other':
      return `${copy.path} is ${found.what}`;
    case 'file':
      break;
    default:
      return found satisfies never;
  }
  // The same bytes can be the chain of several versions.
  const known = made.filter(({ path, sha256 }) => path === copy.path && sha256 === found.sha256);
  if (known.length === 0) return `${copy.path} was changed, or made by somebody else`;
  const ofVersion = known.filter((it) => it.version === version);
  if (ofVersion.length === 0) return `${copy.path} is of another version`;
  const asAsked = ofVersion.filter(({ form, alias }) => form === copy.form && alias === copy.alias);
  if (asAsked.length === 0) return `${copy.path} is not in the form that agent.toml asks for now`;
  if (!asAsked.some((it) => it.passwordWritten === passwordWritten)) {
    return passwordWritten === undefined
      ? `the password of ${copy.path} is missing`
      : `${copy.path} is older than its password`;
  }
  const rights = rightsFault(found.rights, copy.rights);
  return rights === undefined ? undefined : `${copy.path} ${rights}`;
}
