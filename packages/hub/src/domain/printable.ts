/** Another machine's words, as a terminal may have them: none of them moves its cursor, or says another thing than it shows. */
export function printable(words: string): string {
  return words.replace(/[^\P{Cc}\n]/gu, ' ');
}

export function inOneLine(words: string): string {
  return printable(words).replaceAll('\n', ' ');
}
