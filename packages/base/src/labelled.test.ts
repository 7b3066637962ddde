import { expect, test } from 'vitest';
import { labelled } from './labelled.js';

const record = '_acme-challenge.example.org. 300 IN CNAME 8e57.acme-dns.example.net.';

test('facts beside their labels; a record is one line, however narrow the terminal', () => {
  const rows = [
    ['state', 'waits for its CNAME, which is not there'],
    ['wanted', `create this record:\n${record}`],
  ] as const;
  expect(labelled(rows, 30)).toEqual([
    '  state   waits for its CNAME,',
    '          which is not there',
    '  wanted  create this record:',
    `    ${record}`,
  ]);
  expect(labelled(rows)[0]).toBe('  state   waits for its CNAME, which is not there');
});
