import { describe, expect, test } from 'vitest';
import { parseDnsName, type DnsName } from './dns-name.js';
import {
  judgePersist,
  persistOffer,
  persistValue,
  wantsWildcard,
  type PersistRecord,
} from './persist.js';

function name(text: string): DnsName {
  const parsed = parseDnsName(text);
  if (parsed.kind !== 'name') throw new Error(text);
  return parsed.name;
}

const now = new Date('2026-11-25T00:00:00Z');
const url = 'https://ca.example/acct/123';
const record: PersistRecord = {
  domain: name('example.org'),
  offer: { issuers: ['authority.example', 'ca.example.net'], hashPrefix: undefined },
  accountUris: [url, 'https://ca.example/acct/older'],
  wildcard: true,
};
const judge = (...texts: readonly string[]) => judgePersist(record, texts, now);

test('the record to create, with and without a wildcard', () => {
  expect(persistValue(record)).toBe(`authority.example; accounturi=${url}; policy=wildcard`);
  expect(persistValue({ ...record, wildcard: false })).toBe(`authority.example; accounturi=${url}`);
});

describe('a record that does', () => {
  test.each([
    persistValue(record),
    `ca.example.net;accounturi=${url};policy=wildcard`,
    `  Authority.Example. ;\taccounturi = ${url} ; policy=WILDCARD ; persistUntil=1900000000`,
    `authority.example; policy=wildcard; accounturi=https://ca.example/acct/older`,
    `authority.example; accounturi=${url}; policy=wildcard; later-tag=x`,
  ])('%s', (text) => {
    expect(judge(text)).toEqual({ kind: 'ready' });
    expect(judge('other.example; accounturi=x', 'v=spf1 -all', text)).toEqual({ kind: 'ready' });
    expect(judge(`authority.example; accounturi=x`, text)).toEqual({ kind: 'ready' });
  });
});

describe('a record that does not, and why', () => {
  test.each([
    [
      `other.example; accounturi=${url}; policy=wildcard`,
      'for other authorities, or not well-formed',
    ],
    [`authority.example; policy=wildcard`, 'it names no account'],
    [`authority.example;`, 'it names no account'],
    [`authority.example; accounturi=${url}/; policy=wildcard`, 'it names another account'],
    [`authority.example; accounturi=${url}`, 'without policy=wildcard'],
    [`authority.example; accounturi=${url}; policy=none`, 'without policy=wildcard'],
    [
      `authority.example; accounturi=${url}; policy=wildcard; persistUntil=1700000000`,
      'it ended at 2023-11-14T22:13:20.000Z',
    ],
    [
      `authority.example; accounturi=${url}; policy=wildcard; persistUntil=soon`,
      'its persistUntil is no time',
    ],
    // Not an issue-value: a parameter twice, an empty one, one without a value.
    [
      `authority.example; accounturi=${url}; accounturi=${url}`,
      'for other authorities, or not well-formed',
    ],
    [
      `authority.example; accounturi=${url}; policy=wildcard;`,
      'for other authorities, or not well-formed',
    ],
    [`authority.example; accounturi`, 'for other authorities, or not well-formed'],
  ])('%s', (text, why) => {
    expect(judge(text)).toMatchObject({ kind: 'wanted', found: text });
    expect(JSON.stringify(judge(text))).toContain(why);
  });

  test('none', () => {
    expect(judge()).toEqual({ kind: 'wanted', seen: 'it is not there', found: undefined });
  });
});

test('policy=wildcard is asked for where a wildcard is wanted, and nowhere else', () => {
  expect(wantsWildcard([name('example.org'), name('*.example.org')], name('example.org'))).toBe(
    true,
  );
  expect(wantsWildcard([name('example.org'), name('*.example.net')], name('example.org'))).toBe(
    false,
  );
  const plain = { ...record, wildcard: false };
  expect(judgePersist(plain, [`authority.example; accounturi=${url}`], now).kind).toBe('ready');
});

test('an offer of nobody, of too many, or of what is no name, is none', () => {
  expect(persistOffer(['ca.example'], undefined)?.issuers).toEqual(['ca.example']);
  expect(persistOffer(undefined, undefined)).toBeUndefined();
  expect(persistOffer([], undefined)).toBeUndefined();
  expect(persistOffer(['ca.example; policy=wildcard'], undefined)).toBeUndefined();
  const many = Array.from({ length: 11 }, (_, index) => `ca${index}.example`);
  expect(persistOffer(many, undefined)).toBeUndefined();
});
