import { describe, expect, test } from 'vitest';
import { painter } from './colour.js';
import { cutEnd, cutMiddle, textWidth, wrap } from './text-width.js';

test.each([
  ['example.org', 11],
  ['日本', 4],
  ['e\u0301', 1],
  ['👩‍🚀', 2],
  [painter(true)('red', 'error:'), 6],
])('%s takes %i columns', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

describe('wrapping', () => {
  test('breaks at spaces and hangs', () => {
    expect(wrap('error: nobody answers at the socket', 20, 2)).toBe(
      'error: nobody\n  answers at the\n  socket',
    );
  });

  test('keeps words that are too long, commands in backquotes, and records', () => {
    const record = '    _acme-challenge.example.org. 300 IN CNAME 8e57.acme-dns.example.net.';
    expect(wrap(record, 20)).toBe(record);
    expect(wrap('see `hub show example.org` now', 24)).toBe('see\n`hub show example.org`\nnow');
    expect(wrap('a averyveryverylongword b', 10)).toBe('a\naveryveryverylongword\nb');
  });
});

test('cutting keeps the end or both ends, and never a half letter', () => {
  expect(cutEnd('abcdef', 4)).toBe('abc…');
  expect(cutMiddle('abcdef', 5)).toBe('ab…ef');
  expect(cutEnd('日本語', 4)).toBe('日…');
});
