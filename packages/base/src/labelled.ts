import { padEnd, textWidth, wrap } from './text-width.js';

/** A line a fact, its label before it; a long fact is wrapped beside its label, a line that is a record stays whole. */
export function labelled(
  rows: readonly (readonly [label: string, text: string])[],
  width = Infinity,
): readonly string[] {
  const indent = 2 + Math.max(...rows.map(([label]) => textWidth(label))) + 2;
  return rows.flatMap(([label, text]) => {
    const [first = '', ...more] = text
      .split('\n')
      .flatMap((line) => (isRecord(line) ? [line] : wrap(line, width - indent).split('\n')));
    return [
      `  ${padEnd(label, indent - 2)}${first}`.trimEnd(),
      ...more.map((line) => `${' '.repeat(isRecord(line) ? 4 : indent)}${line}`),
    ];
  });
}

/** A DNS record as a zone file has it: to be copied as one line. */
export function isRecord(line: string): boolean {
  return /\. (\d+ )?IN [A-Z]+ \S/.test(line);
}
