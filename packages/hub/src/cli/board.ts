import {
  cutEnd,
  cutMiddle,
  formatDuration,
  padEnd,
  textWidth,
  wrap,
  type Paint,
  type Size,
} from '@sixhub/base';

/** What a person sees of issuances that are under way: pure, from their states and the time. */

export type Rank = 'needs you' | 'failed' | 'working' | 'issued' | 'valid already';

export interface Row {
  readonly name: string;
  readonly rank: Rank;
  /** What it does or waits for, or why it failed. */
  readonly says: string;
  /** Milliseconds, of the same clock as `now`. */
  readonly since: number;
}

export interface Moment {
  readonly startedAt: number;
  readonly now: number;
}

/** One line: `example.org waits for letsencrypt to validate · 12s`. */
export function drawOne(row: Row | undefined, { now }: Moment, { columns }: Size): string[] {
  if (row === undefined || row.rank === 'issued' || row.rank === 'valid already') return [];
  const end = ` ${row.says} · ${elapsed(now - row.since)}`;
  const room = columns - 1 - textWidth(end);
  return [`${cutMiddle(row.name, Math.max(room, leastName))}${end}`];
}

/**
 * Counts, then a line for each that is not done: first what a person must do something for, then what failed, then
 * what has waited longest. Never more than the terminal is high.
 */
export function drawMany(
  rows: readonly Row[],
  { startedAt, now }: Moment,
  size: Size,
  paint: Paint,
): string[] {
  const width = size.columns - 1;
  const head = wrap(
    `${rows.length} certificates, ${elapsed(now - startedAt)}: ${counts(rows)}`,
    width,
    2,
  ).split('\n');
  const open = rows
    .filter(({ rank }) => order[rank] < order.issued)
    .toSorted((one, other) => order[one.rank] - order[other.rank] || one.since - other.since);
  // The cursor's row, and one for what is left out.
  const room = Math.max(1, Math.min(size.rows - 1 - head.length - 1, mostRows));
  const shown = open.slice(0, open.length === room + 1 ? room + 1 : room);
  const nameWidth = Math.min(
    Math.max(leastName, Math.floor(width * 0.45)),
    Math.max(0, ...shown.map(({ name }) => textWidth(name))),
  );
  const left = open.length - shown.length;
  const lines = [
    ...head,
    ...shown.map((row) => line(row, now, nameWidth, width, paint)),
    ...(left === 0 ? [] : [`  and ${left} more`]),
  ];
  return lines.slice(0, Math.max(1, size.rows - 1));
}

/** `97 issued, 1 needs you, 2 failed`; what is nought is left out. */
export function counts(rows: readonly Row[]): string {
  const told = ranks.flatMap((rank) => {
    const count = rows.filter((row) => row.rank === rank).length;
    return count === 0 ? [] : [`${count} ${words[rank]}`];
  });
  return told.join(', ');
}

const ranks = ['issued', 'valid already', 'working', 'needs you', 'failed'] as const;
const order: Readonly<Record<Rank, number>> = {
  'needs you': 0,
  failed: 1,
  working: 2,
  issued: 3,
  'valid already': 4,
};
const words: Readonly<Record<Rank, string>> = {
  'needs you': 'waiting for a CNAME',
  failed: 'failed',
  working: 'under way',
  issued: 'issued',
  'valid already': 'valid already',
};

const leastName = 12;
/** More lines than this are no longer read; the counts say the rest. */
const mostRows = 15;

function line(
  { name, rank, says, since }: Row,
  now: number,
  nameWidth: number,
  width: number,
  paint: Paint,
): string {
  const time = elapsed(now - since);
  const room = width - 2 - nameWidth - 2 - 2 - textWidth(time);
  const said = padEnd(cutEnd(says, room), room);
  const style = rank === 'failed' ? 'red' : rank === 'needs you' ? 'yellow' : 'dim';
  return `  ${padEnd(cutMiddle(name, nameWidth), nameWidth)}  ${paint(style, said)}  ${time}`;
}

function elapsed(milliseconds: number): string {
  return milliseconds < 1_000 ? '0s' : formatDuration(milliseconds);
}
