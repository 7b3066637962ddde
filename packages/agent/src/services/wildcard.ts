/** One place of a pattern: any text, any character, or one of some. */
type Token = '*' | ((character: string) => boolean);

/** A pattern of `*` and `?` (and with `sets`, `[a-z]`) against a whole text, in time that no pattern can blow up. */
export function matchesWildcard(pattern: string, text: string, sets = false): boolean {
  const tokens = tokensOf(pattern, sets);
  let [at, token, star, retry] = [0, 0, -1, 0];
  while (at < text.length) {
    const wanted = tokens[token];
    if (wanted === '*') {
      [star, retry] = [token, at];
      token++;
    } else if (wanted?.(text.charAt(at)) === true) {
      at++;
      token++;
    } else if (star >= 0) {
      // The last star takes one character more; what stood before it need never be looked at again.
      retry++;
      [token, at] = [star + 1, retry];
    } else {
      return false;
    }
  }
  return tokens.slice(token).every((rest) => rest === '*');
}

/** A path against a pattern as glob(7) has it: nothing matches a slash, and only a dot a leading dot. */
export function matchesPath(pattern: string, path: string): boolean {
  const [patterns, parts] = [pattern.split('/'), path.split('/')];
  return (
    patterns.length === parts.length &&
    patterns.every((one, index) => {
      const part = parts[index] ?? '';
      if (part.startsWith('.') && !one.startsWith('.')) return false;
      return matchesWildcard(one, part, true);
    })
  );
}

function tokensOf(pattern: string, sets: boolean): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    const end = sets && character === '[' ? pattern.indexOf(']', at + 2) : -1;
    if (character === '*') tokens.push('*');
    else if (character === '?') tokens.push(() => true);
    else if (end !== -1) {
      tokens.push(setOf(pattern.slice(at + 1, end)));
      at = end;
    } else tokens.push((other) => other === character);
  }
  return tokens;
}

function setOf(inside: string): (character: string) => boolean {
  const negated = inside.startsWith('!') || inside.startsWith('^');
  const members = negated ? inside.slice(1) : inside;
  return (character) => {
    let found = false;
    for (let at = 0; at < members.length; at++) {
      const first = members.charAt(at);
      const last = members.charAt(at + 1) === '-' ? members.charAt(at + 2) : '';
      if (last === '') found ||= character === first;
      else {
        found ||= character >= first && character <= last;
        at += 2;
      }
    }
    return found !== negated;
  };
}
