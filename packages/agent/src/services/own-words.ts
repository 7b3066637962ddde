/** A program's own words, for a sentence. */
export function inOneLine(words: string): string {
  return words.trim().replaceAll(/\s*\n\s*/g, '; ');
}
