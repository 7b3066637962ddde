/** A directive of nginx's configuration, with its block if it has one. */
export interface Directive {
  readonly name: string;
  readonly words: readonly string[];
  readonly block: readonly Directive[];
  /** `file:line` where it begins. */
  readonly where: string;
}

export class Unparsable extends Error {}

/** The language of https://nginx.org/en/docs/beginners_guide.html#conf_structure, one file. */
export function parseDirectives(text: string, file: string): readonly Directive[] {
  const tokens = new Tokens(text, file);
  const directives = blockOf(tokens, 0);
  if (tokens.next() !== undefined) throw tokens.unparsable('unexpected "}"');
  return directives;
}

const deepest = 100;

function blockOf(tokens: Tokens, depth: number): readonly Directive[] {
  if (depth > deepest) throw tokens.unparsable('blocks too deep');
  const directives: Directive[] = [];
  let words: string[] = [];
  let where = '';
  for (let token = tokens.next(); token !== undefined; token = tokens.next()) {
    if (token.kind === 'word') {
      if (words.length === 0) where = tokens.where();
      words.push(token.text);
      continue;
    }
    if (token.kind === 'close') {
      if (depth === 0 || words.length > 0) throw tokens.unparsable('unexpected "}"');
      return directives;
    }
    const [name = '', ...rest] = words;
    let block: readonly Directive[] = [];
    if (token.kind === 'open') {
      // What stands in it is Lua, which lua-nginx-module reads by Lua's rules.
      if (name.endsWith('_by_lua_block')) tokens.skipLua();
      else block = blockOf(tokens, depth + 1);
    }
    directives.push({ name, words: rest, block, where });
    words = [];
  }
  if (depth > 0 || words.length > 0) throw tokens.unparsable('unexpected end of file');
  return directives;
}

type Token = { readonly kind: 'word'; readonly text: string } | { readonly kind: Mark };
type Mark = 'open' | 'close' | 'end';
const marks: ReadonlyMap<string, Mark> = new Map([
  ['{', 'open'],
  ['}', 'close'],
  [';', 'end'],
]);

/** Each pattern is matched where the last one ended, and none can go back over what it took. */
const patterns = {
  space: /(?:\s+|#[^\n]*)/y,
  doubly: /"((?:[^"\\]|\\[^])*)"/y,
  singly: /'((?:[^'\\]|\\[^])*)'/y,
  // `${name}` is the one place where a brace does not open a block.
  word: /(?:\$\{|\\[^]|[^\s;{\\])+/y,
  lua: /--\[(=*)\[[^]*?\]\1\]|--[^\n]*|\[(=*)\[[^]*?\]\2\]|"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|[^]/y,
};

class Tokens {
  #at = 0;
  #line = 1;
  readonly #text: string;
  readonly #file: string;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  where(): string {
    return `${this.#file}:${this.#line}`;
  }

  unparsable(why: string): Unparsable {
    return new Unparsable(`${this.where()}: ${why}`);
  }

  next(): Token | undefined {
    while (this.#take(patterns.space) !== undefined);
    const character = this.#text.charAt(this.#at);
    if (character === '') return undefined;
    const mark = marks.get(character);
    if (mark !== undefined) {
      this.#at++;
      return { kind: mark };
    }
    const quoted = this.#take(patterns.doubly) ?? this.#take(patterns.singly);
    const text = quoted?.[1] ?? this.#take(patterns.word)?.[0];
    if (text === undefined) throw this.unparsable(`unexpected ${character}`);
    return { kind: 'word', text: unescaped(text) };
  }

  /** To the brace that closes the block. */
  skipLua(): void {
    for (let depth = 1; depth > 0;) {
      const piece = this.#take(patterns.lua)?.[0];
      if (piece === undefined) throw this.unparsable('unexpected end of file');
      if (piece === '{') depth++;
      else if (piece === '}') depth--;
    }
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text) ?? undefined;
    if (found === undefined) return undefined;
    this.#at = pattern.lastIndex;
    this.#line += found[0].split('\n').length - 1;
    return found;
  }
}

/** ngx_conf_read_token takes a backslash away before a quote or itself, and makes white space of t, r and n. */
function unescaped(text: string): string {
  return text.replace(/\\(["'\\trn])/g, (_, character: string) => {
    switch (character) {
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'n':
        return '\n';
      default:
        return character;
    }
  });
}
