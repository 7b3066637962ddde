/** A variable's value, or undefined where it is not known: another process has the environment that counts. */
export type Environment = ReadonlyMap<string, string>;

/** A word, or undefined where a variable in it is not known. */
export type Word = string | undefined;

interface State {
  readonly line: string;
  readonly environment: Environment;
  at: number;
}

/**
 * The words of a line by HAProxy's configuration manual, §2.2 and §2.3: escapes, both quotes, and variables in double
 * quotes alone.
 */
export function wordsOf(line: string, environment: Environment): readonly Word[] {
  const state: State = { line, environment, at: 0 };
  const words: Word[] = [];
  for (;;) {
    while (/\s/.test(line.charAt(state.at))) state.at++;
    const next = line.charAt(state.at);
    if (next === '' || next === '#') return words;
    words.push(...wordAt(state));
  }
}

/** Several where a variable is spread (`"${LIST[*]}"`). */
function wordAt(state: State): readonly Word[] {
  const { line } = state;
  let text = '';
  let known = true;
  let spread = false;
  let quote = '';
  for (; state.at < line.length; state.at++) {
    const character = line.charAt(state.at);
    const bare = quote === '';
    if (bare && /[\s#]/.test(character)) break;
    const variable = quote === '"' && character === '$' ? variableAt(state) : undefined;
    if (character === quote) quote = '';
    else if (bare && /["']/.test(character)) quote = character;
    else if (quote !== "'" && character === '\\') text += escaped(state);
    else if (variable === undefined) text += character;
    else {
      known &&= variable.value !== undefined;
      spread ||= variable.spread;
      text += variable.value ?? '';
    }
  }
  if (!known) return [undefined];
  return spread ? text.split(/\s+/).filter((word) => word !== '') : [text];
}

function escaped(state: State): string {
  const hex = /^x([0-9a-fA-F]{2})/.exec(state.line.slice(state.at + 1, state.at + 4))?.[1];
  if (hex !== undefined) {
    state.at += 3;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }
  state.at++;
  const character = state.line.charAt(state.at);
  return { n: '\n', r: '\r', t: '\t' }[character] ?? character;
}

const variable = /\$(?:\{(\.?[A-Za-z_]\w*)(\[\*\])?(?:-([^}]*))?\}|(\.?[A-Za-z_]\w*))/y;

function variableAt(
  state: State,
): { readonly value: string | undefined; readonly spread: boolean } | undefined {
  variable.lastIndex = state.at;
  const found = variable.exec(state.line);
  if (found === null) return undefined;
  state.at = variable.lastIndex - 1;
  const [, braced, star, otherwise, bare] = found;
  const value = state.environment.get(braced ?? bare ?? '') ?? otherwise;
  return { value, spread: star !== undefined };
}
