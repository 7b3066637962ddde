import { describe, expect, it } from 'vitest';
import { dialectOf } from './dialect.js';
import { parseDoveconf } from './doveconf-text.js';
import { filtersIn, matchOf, namesIn, type Connection } from './filter.js';

const dialect = dialectOf({ major: 2, minor: 3 });
const connection: Connection = {
  protocol: 'imap',
  local: '192.0.2.5',
  remote: '127.0.0.1',
  name: 'a.example.org',
};

describe('a block holds for a connection', () => {
  it.each([
    ['protocol imap', 'yes'],
    ['protocol !imap', 'no'],
    ['protocol pop3', 'no'],
    ['local_name A.example.org', 'yes'],
    ['local_name other.example a.example.org', 'yes'],
    ['local_name *.example.org', 'yes'],
    ['local_name *.org', 'no'],
    ['local_name a*.example.org', 'perhaps'],
    ['local 192.0.2.0/24', 'yes'],
    ['local 192.0.2.6', 'no'],
    ['local ::/0', 'no'],
    ['local mail.example.org', 'perhaps'],
    ['remote 127.0.0.1', 'yes'],
    ['remote 198.51.100.0/24', 'no'],
  ])('%s: %s', (head, match) => {
    const [filter] = filtersIn(parseDoveconf(`${head} {\n  ssl_cert = </a.pem\n}`), dialect);
    expect(filter === undefined ? undefined : matchOf(filter, connection)).toBe(match);
  });
  it('that all of its own blocks hold for', () => {
    const text = `local 192.0.2.5 {\n  local_name b.example.org {\n    ssl_cert = </a.pem\n  }\n}`;
    const [filter, ...more] = filtersIn(parseDoveconf(text), dialect);
    expect(filter === undefined ? undefined : matchOf(filter, connection)).toBe('no');
    expect(more).toEqual([]);
  });
});

it('only blocks about certificates count, and names without wildcards', () => {
  const text = `local_name a.example {\n  mail_debug = yes\n}
local_name B.example *.c.example {\n  ssl_cert = </b.pem\n}
protocol imap {\n  ssl = no\n}`;
  const filters = filtersIn(parseDoveconf(text), dialect);
  expect(filters).toHaveLength(2);
  expect(namesIn(filters)).toEqual(['b.example']);
});
