import { painter } from '@sixhub/base';
import { expect, test } from 'vitest';
import { drawMany, drawOne, type Row } from './board.js';

const moment = { startedAt: 0, now: 83_000 };
const plain = painter(false);

function rowsOf(count: number, rank: Row['rank'], says: string): readonly Row[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{ rank, says },
    name: `${rank.replaceAll(' ', '-')}-${index}.example.org`,
    since: 1_000 * index,
  }));
}

const hundred = [
  ...rowsOf(61, 'issued', ''),
  ...rowsOf(30, 'working', 'waits for letsencrypt to validate'),
  ...rowsOf(7, 'needs you', 'waits for its CNAME'),
  ...rowsOf(2, 'failed', 'failed: the authority says no'),
];

test('a hundred fit a terminal; who needs somebody stands first, then what failed, then the oldest', () => {
  const lines = drawMany(hundred, moment, { columns: 80, rows: 24 }, plain);
  expect(lines[0]).toBe(
    '100 certificates, 1m 23s: 61 issued, 30 under way, 7 waiting for a CNAME, 2',
  );
  expect(lines).toHaveLength(18);
  expect(lines[2]).toMatch(/^ {2}needs-you-0\.example\.org {2}waits for its CNAME +1m 23s$/);
  expect(lines[9]).toMatch(/^ {2}failed-0\.example\.org/);
  expect(lines[11]).toMatch(/^ {2}working-0\.example\.org/);
  expect(lines.at(-1)).toBe('  and 24 more');
});

test.each([
  [40, 12],
  [40, 3],
  [20, 5],
  [200, 60],
])('%i columns and %i rows are enough', (columns, rows) => {
  const lines = drawMany(hundred, moment, { columns, rows }, plain);
  expect(lines.length).toBeLessThanOrEqual(rows - 1);
});

test('one is a line, with its name cut in the middle where it must be', () => {
  const [row] = rowsOf(1, 'needs you', 'waits for its CNAME');
  expect(drawOne(row, moment, { columns: 80, rows: 24 })).toEqual([
    'needs-you-0.example.org waits for its CNAME · 1m 23s',
  ]);
  expect(drawOne(row, moment, { columns: 48, rows: 24 })).toEqual([
    'needs-you…mple.org waits for its CNAME · 1m 23s',
  ]);
  expect(drawOne(rowsOf(1, 'issued', '')[0], moment, { columns: 80, rows: 24 })).toEqual([]);
});
