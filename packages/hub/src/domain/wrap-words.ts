/**
 * Text in lines of `columns`, the first and the next ones led in as said. Between backticks are commands and records,
 * to be copied: they are never cut, nor is an address.
 */
export function wrapWords(text: string, columns: number, first = '', next = ''): string {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const [word] of text.matchAll(/(?:`[^`\n]{1,300}`|\S)+/g)) {
    if (!isEmpty && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = next;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].join('\n');
}
