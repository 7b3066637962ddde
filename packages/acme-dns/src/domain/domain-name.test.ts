import { describe, expect, test } from 'vitest';
import { DomainName } from './domain-name.js';

const parse = (text: string): string | undefined => DomainName.parse(text)?.toString();

describe('a domain name', () => {
  test('keeps its case and reads escapes', () => {
    expect(parse('Example.ORG.')).toBe('Example.ORG.');
    expect(parse(String.raw`first\.last.example.`)).toBe(String.raw`first\.last.example.`);
    expect(parse(String.raw`a\032b.example.`)).toBe(String.raw`a\032b.example.`);
    expect(parse('.')).toBe('.');
  });

  test.each([
    '',
    '..',
    'a..b.',
    '.a.',
    `${'x'.repeat(64)}.`,
    `${'a.'.repeat(128)}`,
    String.raw`\999.`,
  ])('is not %j', (text) => expect(parse(text)).toBeUndefined());

  test('holds 255 octets and no more', () => {
    const label = `${'x'.repeat(49)}.`;
    expect(parse(`${label.repeat(5)}xxx.`)).toBeDefined();
    expect(parse(`${label.repeat(5)}xxxx.`)).toBeUndefined();
  });

  test('stands below another by labels, without case, and not by octets alone', () => {
    const zone = DomainName.parse('auth.example.');
    const at = (text: string): boolean | undefined =>
      zone && DomainName.parse(text)?.isAtOrBelow(zone);
    expect(at('AUTH.Example.')).toBe(true);
    expect(at('a.b.auth.example.')).toBe(true);
    expect(at('xauth.example.')).toBe(false);
    expect(at('example.')).toBe(false);
  });
});
