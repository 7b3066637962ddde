/**
 * Postfix's lists: elements between commas or white space, where `{…}` keeps what is inside together
 * (postconf(5), "inline" tables and `-o { name = value }` of master(5)).
 */
export function splitList(text: string, separators = /[\s,]/): readonly string[] {
  const elements: string[] = [];
  let element = '';
  let depth = 0;
  for (const character of text) {
    if (depth === 0 && separators.test(character)) {
      if (element !== '') elements.push(element);
      element = '';
      continue;
    }
    if (character === '{') depth++;
    if (character === '}') depth--;
    element += character;
  }
  if (element !== '') elements.push(element);
  return elements;
}

/** What is between braces; undefined where there are none around the whole. */
export function insideBraces(text: string): string | undefined {
  return /^\{([\s\S]*)\}$/.exec(text.trim())?.[1]?.trim();
}

/** `name = value`, of which the value may be empty. */
export function nameAndValue(text: string): readonly [string, string] | undefined {
  const at = text.indexOf('=');
  return at < 1 ? undefined : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
