/** A program's own words, for a sentence: of warnings and what ended it only the latter. */
export function inOneLine(words: string): string {
  const lines = words.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  const fatal = lines.filter((line) => /\bfatal\b/i.test(line));
  return [...new Set(fatal.length > 0 ? fatal : lines)].join('; ');
}
