import { servername } from '../servername.js';
import type { Bind } from './bind.js';
import type { Loaded } from './loaded.js';

export interface Shown {
  readonly servername: string | undefined;
  readonly certificate: Loaded;
}

/** What a bind line shows, name by name. */
export function shownBy(
  { strict, generated }: Pick<Bind, 'strict' | 'generated'>,
  loaded: readonly Loaded[],
): readonly Shown[] {
  const names = new Set(
    loaded.flatMap(({ names }) => names.map(servername).filter((name) => name !== undefined)),
  );
  // For who asks for no name, `generate-certificates` makes one for the address.
  const fallbacks = strict || generated ? [] : fallbacksOf(loaded);
  return [
    ...fallbacks.map((certificate) => ({ servername: undefined, certificate })),
    ...Array.from(names).flatMap((name) =>
      fitting(loaded, name).map((certificate) => ({ servername: name, certificate })),
    ),
  ];
}

/** The first loaded, unless others are named (`default-crt` and the filter `*`, both of HAProxy 3.0). */
function fallbacksOf(loaded: readonly Loaded[]): readonly Loaded[] {
  const [first] = loaded;
  const named = loaded.filter(({ fallback }) => fallback === 'named');
  if (named.length > 0) return bestOf(named);
  // Before 3.0 the filter was taken and did nothing, so what it comes to is not known.
  const filtered = loaded.filter(({ fallback }) => fallback === 'filtered');
  return first === undefined || filtered.some((other) => other !== first) ? [] : [first];
}

/**
 * For each type of key the first that has the name itself, else the first with a fitting wildcard that does not exclude
 * it (ssl_sock_switchctx_cbk): which type it is, the client's signature algorithms decide.
 */
function fitting(loaded: readonly Loaded[], name: string): readonly Loaded[] {
  const wildcard = `*${name.slice(name.indexOf('.'))}`;
  const exact = loaded.filter(({ names }) => names.includes(name));
  const wild = name.includes('.')
    ? loaded.filter(({ names }) => names.includes(wildcard) && !names.includes(`!${name}`))
    : [];
  return bestOf([...exact, ...wild]);
}

function bestOf(candidates: readonly Loaded[]): readonly Loaded[] {
  const first = (key: Loaded['key']): Loaded | undefined =>
    candidates.find((candidate) => candidate.key === key);
  const usual = [first('ecdsa'), first('rsa')].filter((found) => found !== undefined);
  // Who can verify neither is no client that is looked at.
  return usual.length > 0 ? usual : candidates.slice(0, 1);
}
