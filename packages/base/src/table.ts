import { cutMiddle, padEnd, textWidth, wrap } from './text-width.js';

/**
 * Rows as aligned text, two spaces between columns. Where they don't fit `width`, the last column is wrapped; then a
 * long first cell gets a line of its own; and on a terminal that is too narrow even for that, each row is a block
 * with a line a cell. No cell is cut, since people copy from tables; only a name that is wider than the whole terminal
 * loses its middle (--json has it whole).
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width = 80,
): string {
  const natural = header.map((title, index) => widest([title, ...cells(rows, index)]));
  const last = header.length - 1;
  const words = [header[last] ?? '', ...cells(rows, last).flatMap((cell) => cell.split(/\s+/))];
  const lastLeast = Math.min(natural[last] ?? 0, Math.max(leastLast, widest(words)));
  const middle = sum(natural.slice(1, last)) + gap * last;
  const roomForFirst = Math.max(textWidth(header[0] ?? ''), width - middle - lastLeast);
  const first = widest([
    header[0] ?? '',
    ...cells(rows, 0).filter((cell) => textWidth(cell) <= roomForFirst),
  ]);
  const firstFits = roomForFirst >= Math.min(natural[0] ?? 0, leastFirst);
  if (header.length > 1 && (!firstFits || first + middle + lastLeast > width)) {
    return rows.map((row) => block(header, row, width)).join('\n');
  }
  const widths = header.length === 1 ? natural : [first, ...natural.slice(1)];
  const room = width - sum(widths.slice(0, last)) - gap * last;
  return [header, ...rows].flatMap((row) => lines(row, widths, room, width)).join('\n');
}

const gap = 2;
const leastFirst = 12;
const leastLast = 16;

function lines(
  row: readonly string[],
  widths: readonly number[],
  room: number,
  width: number,
): readonly string[] {
  const last = widths.length - 1;
  const [first = ''] = row;
  const own = last > 0 && textWidth(first) > (widths[0] ?? 0);
  const [end = '', ...more] = wrap(row[last] ?? '', room).split('\n');
  const start = (own ? ['', ...row.slice(1)] : row)
    .slice(0, last)
    .map((cell, index) => padEnd(cell, (widths[index] ?? 0) + gap))
    .join('');
  const below = ' '.repeat(sum(widths.slice(0, last)) + gap * last);
  return [
    ...(own ? [cutMiddle(first, width)] : []),
    `${start}${end}`.trimEnd(),
    ...more.map((line) => `${below}${line}`),
  ];
}

function block(header: readonly string[], row: readonly string[], width: number): string {
  const titles = header.slice(1);
  const indent = widest(titles) + gap;
  return [
    cutMiddle(row[0] ?? '', width),
    ...titles.flatMap((title, index) => {
      const [start = '', ...more] = wrap(
        row[index + 1] ?? '',
        Math.max(leastFirst, width - indent - gap),
      ).split('\n');
      return [
        `  ${padEnd(title.toLowerCase(), indent)}${start}`.trimEnd(),
        ...more.map((line) => `  ${' '.repeat(indent)}${line}`),
      ];
    }),
  ].join('\n');
}

function cells(rows: readonly (readonly string[])[], index: number): readonly string[] {
  return rows.map((row) => row[index] ?? '');
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, textWidth(text)), 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
