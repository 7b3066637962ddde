import { insideBraces, nameAndValue, splitList } from './tokens.js';

/** A table of tls_server_sni_maps. */
export type SniMap =
  /** Made by `postmap -F`, which copies the files' content into it: it must be made anew after they change. */
  | { readonly kind: 'compiled'; readonly table: string; readonly source: string }
  /** Read from its source when a smtpd starts. */
  | { readonly kind: 'text'; readonly table: string; readonly source: string }
  | { readonly kind: 'inline'; readonly table: string; readonly entries: readonly SniEntry[] }
  /** Patterns, databases, programs: what names it answers can't be told. */
  | { readonly kind: 'unknown'; readonly table: string };

export interface SniEntry {
  /** As a client asks: one name, in lower case. */
  readonly name: string;
  readonly files: readonly string[];
  /** In the map's source. */
  readonly line: number | undefined;
}

const compiled: ReadonlySet<string> = new Set(['hash', 'btree', 'dbm', 'sdbm', 'cdb', 'lmdb']);

/** The value of tls_server_sni_maps, in the order in which it is looked up. */
export function parseSniMaps(value: string): readonly SniMap[] {
  return splitList(value).map((table): SniMap => {
    const [, type, rest] = /^([a-z]+):([\s\S]*)$/.exec(table) ?? [];
    if (type === undefined || rest === undefined) return { kind: 'unknown', table };
    if (type === 'inline') return { kind: 'inline', table, entries: inlineEntries(rest) };
    if (!rest.startsWith('/')) return { kind: 'unknown', table };
    if (type === 'texthash') return { kind: 'text', table, source: rest };
    return compiled.has(type)
      ? { kind: 'compiled', table, source: rest }
      : { kind: 'unknown', table };
  });
}

/** `{ name = value, { name = value with white space }, … }` */
function inlineEntries(text: string): readonly SniEntry[] {
  const pairs = splitList(insideBraces(text) ?? '').map((element) =>
    nameAndValue(insideBraces(element) ?? element),
  );
  return entriesOf(
    pairs.flatMap((pair) => (pair === undefined ? [] : [{ key: pair[0], value: pair[1] }])),
  );
}

/** postmap(1), "Input file format": `key whitespace value`, continued by lines that start with white space. */
export function parseSniSource(text: string): readonly SniEntry[] {
  const logical: { text: string; line: number }[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const last = logical.at(-1);
    if (/^\s/.test(line) && last !== undefined) last.text += ` ${line.trim()}`;
    else logical.push({ text: line.trim(), line: at + 1 });
  }
  return entriesOf(
    logical.flatMap(({ text, line }) => {
      const [, key, value] = /^(\S+)\s+(.+)$/.exec(text) ?? [];
      return key === undefined || value === undefined ? [] : [{ key, value, line }];
    }),
  );
}

/** Of several with one key Postfix keeps the first. `.example.org` stands for unnamed subdomains, so it names nobody. */
function entriesOf(
  pairs: readonly { readonly key: string; readonly value: string; readonly line?: number }[],
): readonly SniEntry[] {
  const entries = new Map<string, SniEntry>();
  for (const { key, value, line } of pairs) {
    const name = key.toLowerCase();
    if (entries.has(name) || !/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name)) continue;
    entries.set(name, { name, files: splitList(value), line });
  }
  return [...entries.values()];
}
