/** How much room text takes on a terminal, and how it is made to fit. */

const escape = String.fromCodePoint(0x1b);
const painted = new RegExp(`${escape}\\[[\\d;]*m`, 'gu');

/** East Asian wide letters and pictures take two columns (Unicode Standard Annex #11). */
const wide =
  /^(?:\p{Extended_Pictographic}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}])/u;

export function textWidth(text: string): number {
  const bare = text.replace(painted, '');
  if (/^[\x20-\x7e]*$/.test(bare)) return bare.length;
  return letters(bare).reduce((sum, letter) => sum + letterWidth(letter), 0);
}

/** Cuts the end off, and says so with an ellipsis. Colours are lost where something is cut. */
export function cutEnd(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return `${startOf(letters(text.replace(painted, '')), width - 1)}…`;
}

/** Cuts the middle out: the ends of a name tell more than its middle. */
export function cutMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const all = letters(text.replace(painted, ''));
  const before = Math.ceil((width - 1) / 2);
  const last = letters(startOf([...all].reverse(), width - 1 - before));
  const end = [...last].reverse().join('');
  return `${startOf(all, before)}…${end}`;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}

/**
 * Breaks at spaces, so that no line is wider; a line's indentation goes on below it, `hang` deeper. A word that is too
 * wide, as a name or a value that somebody will copy, stays whole; so do `commands in backquotes` where they fit, and
 * lines that are indented by four and more, which are records and examples.
 */
export function wrap(text: string, width: number, hang = 0): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, width, hang))
    .join('\n');
}

function wrapLine(line: string, width: number, hang: number): readonly string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  if (textWidth(line) <= width || indent.length >= 4) return [line];
  const words = line.slice(indent.length).match(/`[^`]*`\S*|\S+/gu) ?? [];
  const below = `${indent}${' '.repeat(hang)}`;
  const lines: string[] = [];
  let current = '';
  for (const word of words) {
    const longer =
      current === '' ? `${lines.length === 0 ? indent : below}${word}` : `${current} ${word}`;
    if (current === '' || textWidth(longer) <= width) {
      current = longer;
    } else {
      lines.push(current);
      current = `${below}${word}`;
    }
  }
  return [...lines, current];
}

function letters(text: string): readonly string[] {
  return [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
}

function letterWidth(letter: string): number {
  return wide.test(letter) ? 2 : 1;
}

function startOf(all: readonly string[], width: number): string {
  let left = width;
  let text = '';
  for (const letter of all) {
    left -= letterWidth(letter);
    if (left < 0) break;
    text += letter;
  }
  return text;
}
