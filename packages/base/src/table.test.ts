import { expect, test } from 'vitest';
import { formatTable } from './table.js';

const header = ['NAME', 'EXPIRES', 'STATE'];

test('a table that fits stands in columns', () => {
  expect(formatTable(header, [['example.org', '2027-01-01', 'ok']], 80)).toBe(
    'NAME         EXPIRES     STATE\nexample.org  2027-01-01  ok',
  );
});

test('the last column is wrapped in its own place', () => {
  const rows = [['example.org', '2027-01-01', 'tries again tomorrow, when it is allowed to']];
  expect(formatTable(header, rows, 46)).toBe(
    [
      'NAME         EXPIRES     STATE',
      'example.org  2027-01-01  tries again tomorrow,',
      '                         when it is allowed to',
    ].join('\n'),
  );
});

test('a long first cell gets a line of its own, whole', () => {
  const name = `mail.${'department.'.repeat(4)}example.org`;
  const table = formatTable(header, [[name, '2027-01-01', 'waits for its CNAME']], 60);
  expect(table).toContain(`\n${name}\n`);
  expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
});

test('on a narrow terminal each row is a block; its values stand below each other', () => {
  const id = '8e5700ea-a4bf-41c7-8a77-e990661dcc6a';
  expect(
    formatTable(['VERSION', 'EXPIRES', 'STATE'], [[id, '2027-01-01', 'revoked (superseded)']], 24),
  ).toBe(
    `8e5700ea-a4b…990661dcc6a\n  expires  2027-01-01\n  state    revoked\n           (superseded)`,
  );
});

test('only a first cell that is wider than the whole terminal loses its middle', () => {
  const name = `${'a'.repeat(60)}.example.org`;
  const [, first] = formatTable(header, [[name, '2027-01-01', 'ok']], 40).split('\n');
  expect(first).toHaveLength(40);
  expect(first).toMatch(/^a+….*\.example\.org$/);
});

test('letters that take two columns are counted so', () => {
  expect(
    formatTable(
      ['NOTE', 'X'],
      [
        ['日本', 'y'],
        ['abcd', 'z'],
      ],
      80,
    ),
  ).toBe('NOTE  X\n日本  y\nabcd  z');
});
