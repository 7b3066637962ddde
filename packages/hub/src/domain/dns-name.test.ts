import { describe, expect, test } from 'vitest';
import { challengeDomain, parseDnsName, wildcardOf } from './dns-name.js';

function name(text: string) {
  const parsed = parseDnsName(text);
  if (parsed.kind !== 'name') throw new Error(parsed.reason);
  return parsed.name;
}

describe('a domain name', () => {
  test.each([
    ['example.org', 'example.org'],
    ['Example.ORG.', 'example.org'],
    ['*.example.org', '*.example.org'],
    ['müller.example', 'xn--mller-kva.example'],
    ['a-b.c1.example', 'a-b.c1.example'],
  ])('%s is %s', (text, expected) => {
    expect(name(text)).toBe(expected);
  });

  test.each([
    ['', 'empty'],
    ['localhost', 'no dot'],
    ['192.0.2.1', 'IP address'],
    ['a..b', 'two dots'],
    ['-a.example', 'inner dashes'],
    ['_acme.example', 'letters, digits'],
    ['a.*.example', 'letters, digits'],
    ['../etc/passwd', 'characters'],
    ['exa mple.org', 'characters'],
    [`${'a'.repeat(64)}.org`, 'longer than 63'],
    [`${'a.'.repeat(130)}org`, 'longer than 253'],
  ])('%s is refused: %s', (text, reason) => {
    expect(parseDnsName(text)).toMatchObject({
      kind: 'not-a-name',
      reason: expect.stringContaining(reason),
    });
  });

  test('a wildcard is proven at its parent', () => {
    expect(challengeDomain(name('*.example.org'))).toBe('example.org');
    expect(challengeDomain(name('example.org'))).toBe('example.org');
    expect(wildcardOf(name('example.org'))).toBe('*.example.org');
  });
});
