import { expect, it } from 'vitest';
import { matchesPath, matchesWildcard } from './wildcard.js';

it.each([
  ['*.example.org', 'www.example.org', true],
  ['*.example.org', 'a.b.example.org', true],
  ['*.example.org', 'example.org', false],
  ['w?w.*', 'www.example', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-b-b-d', false],
  ['*', '', true],
  ['[a]', 'a', false],
])('%s against %s: %s', (pattern, text, matches) => {
  expect(matchesWildcard(pattern, text)).toBe(matches);
});

it.each([
  ['/etc/nginx/*.conf', '/etc/nginx/a.conf', true],
  ['/etc/nginx/*.conf', '/etc/nginx/sites/a.conf', false],
  ['/etc/nginx/*.conf', '/etc/nginx/.a.conf', false],
  ['/etc/nginx/.*.conf', '/etc/nginx/.a.conf', true],
  ['/etc/*/[0-9]?-[!x].conf', '/etc/nginx/10-a.conf', true],
  ['/etc/*/[0-9]?-[!x].conf', '/etc/nginx/10-x.conf', false],
  ['/etc/[]x].conf', '/etc/].conf', true],
])('path %s against %s: %s', (pattern, path, matches) => {
  expect(matchesPath(pattern, path)).toBe(matches);
});

it('takes no time for a pattern made to take long', () => {
  expect(matchesWildcard('*a'.repeat(40), 'a'.repeat(2_000).concat('b'))).toBe(false);
});
