/** What BIND's and radvd's configurations have in common: words, and blocks in braces, each ended by `;` (radvd: or not). */
export interface Statement {
  readonly words: readonly string[];
  readonly block: readonly Statement[] | undefined;
  readonly line: number;
}

export function readBlocks(text: string): readonly Statement[] {
  const tokens = tokenize(text);
  let position = 0;
  const statements = (): Statement[] => {
    const found: Statement[] = [];
    let words: string[] = [];
    let line: number | undefined;
    let block: Statement[] | undefined;
    const end = (): void => {
      if (words.length > 0 || block !== undefined) found.push({ words, block, line: line ?? 0 });
      [words, block, line] = [[], undefined, undefined];
    };
    while (position < tokens.length) {
      const token = tokens[position++];
      if (token === undefined || token.text === '}') break;
      line ??= token.line;
      if (token.text === '{') {
        block = statements();
        // radvd lets the semicolon behind a block be left out.
        if (tokens[position]?.text !== ';') end();
      } else if (token.text === ';') {
        end();
      } else {
        words.push(token.text);
      }
    }
    end();
    return found;
  };
  return statements();
}

interface Token {
  readonly text: string;
  readonly line: number;
}

function tokenize(text: string): readonly Token[] {
  const blank = (comment: string): string => comment.replaceAll(/[^\n]/g, ' ');
  const bare = text
    .replaceAll(/\/\*[\s\S]*?\*\//g, blank)
    .replaceAll(/(^|\s)\/\/.*$/gm, blank)
    .replaceAll(/#.*$/gm, blank);
  return bare.split('\n').flatMap((line, index) =>
    (line.match(/"[^"]*"|[{};]|[^\s{};"]+/g) ?? []).map((token) => ({
      text: token.replaceAll('"', ''),
      line: index + 1,
    })),
  );
}
