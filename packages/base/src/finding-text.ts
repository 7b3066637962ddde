import type { Paint, Style } from './colour.js';
import type { Finding } from './finding.js';
import { isRecord } from './labelled.js';
import { wrap } from './text-width.js';

/** Findings as people read them at a terminal: a mark that is found at a glance, what it is, and what to do. */

const marks = { ok: 'ok   ', wrong: 'WRONG', doubtful: 'look ', 'not tested': '?    ' } as const;

const styles: Readonly<Record<Finding['state'], Style>> = {
  ok: 'green',
  wrong: 'red',
  doubtful: 'yellow',
  'not tested': 'dim',
};

const indent = 8;

/** What was found about one thing, below its name. */
export function findingsText(
  title: string,
  findings: readonly Finding[],
  paint: Paint,
  width = Infinity,
): string {
  return [
    wrap(title, width, 2),
    ...findings.flatMap((finding) => lines(finding, paint, width)),
    '',
  ].join('\n');
}

function lines(
  { state, what, remedy, record }: Finding,
  paint: Paint,
  width: number,
): readonly string[] {
  const beside = (text: string): readonly string[] =>
    text
      .split('\n')
      .flatMap((line) => (isRecord(line) ? [line] : wrap(line, width - indent).split('\n')));
  const below = (text: string): string => `${' '.repeat(indent)}${text}`;
  const good = state === 'ok' || state === 'not tested';
  const [first = '', ...more] = beside(what);
  return [
    `  ${paint(styles[state], marks[state])} ${first}`,
    ...more.map(below),
    ...(remedy === undefined ? [] : beside(remedy).map(below)),
    // What is there already is worth its line only to who wants it whole: --json.
    ...(record === undefined || good ? [] : record.split('\n').map(below)),
  ];
}

export type FindingCounts = Readonly<Record<Finding['state'], number>>;

export function countFindings(findings: readonly Finding[]): FindingCounts {
  const counts = { ok: 0, wrong: 0, doubtful: 0, 'not tested': 0 };
  for (const { state } of findings) counts[state] += 1;
  return counts;
}

export function countsText(counts: FindingCounts): string {
  return [
    `${counts.ok} ok`,
    `${counts.wrong} wrong`,
    ...(counts.doubtful === 0 ? [] : [`${counts.doubtful} to look at`]),
    ...(counts['not tested'] === 0 ? [] : [`${counts['not tested']} not tested`]),
  ].join(', ');
}
