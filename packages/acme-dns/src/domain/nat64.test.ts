import { expect, test } from 'vitest';
import { addressText, parseAddress } from './ip-address.js';
import {
  isSynthesized,
  parsePrefix,
  prefixesOf,
  prefixText,
  synthesize,
  type Nat64Prefix,
} from './nat64.js';

function octets(text: string): Uint8Array {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`${text} is no address`);
  return parsed;
}

function prefix(text: string): Nat64Prefix {
  const parsed = parsePrefix(text);
  if (parsed === undefined) throw new Error(`${text} is no prefix`);
  return parsed;
}

/** RFC 6052 §2.4, table 2 and the well-known prefix of table 3; 192.0.2.33 */
const vectors = [
  ['2001:db8::/32', '2001:db8:c000:221::'],
  ['2001:db8:100::/40', '2001:db8:1c0:2:21::'],
  ['2001:db8:122::/48', '2001:db8:122:c000:2:2100::'],
  ['2001:db8:122:300::/56', '2001:db8:122:3c0:0:221::'],
  ['2001:db8:122:344::/64', '2001:db8:122:344:c0:2:2100:0'],
  ['2001:db8:122:344::/96', '2001:db8:122:344::192.0.2.33'],
  ['64:ff9b::/96', '64:ff9b::192.0.2.33'],
] as const;

test.each(vectors)('in %s 192.0.2.33 is %s', (text, address) => {
  const synthesized = synthesize(prefix(text), octets('192.0.2.33'));
  expect(addressText(synthesized)).toBe(addressText(octets(address)));
  expect(isSynthesized(prefix(text), synthesized)).toBe(true);
  expect(isSynthesized(prefix(text), octets('2001:db9::1'))).toBe(false);
  expect(isSynthesized(prefix(text), octets('192.0.2.33'))).toBe(false);
});

test.each(vectors)('%s is found in the answer for ipv4only.arpa', (text) => {
  const answers = ['192.0.0.170', '192.0.0.171'].map((address) =>
    synthesize(prefix(text), octets(address)),
  );
  expect(prefixesOf(answers).map(prefixText)).toEqual([text]);
  expect(prefixesOf(answers.slice(1)).map(prefixText)).toEqual([text]);
});

const found = (...answers: readonly string[]): readonly string[] =>
  prefixesOf(answers.map(octets)).map(prefixText);

test('several prefixes, in the order of the answer', () => {
  const several = [
    '2001:db8::c000:aa',
    '64:ff9b::c000:aa',
    '64:ff9b::c000:ab',
    '2001:db8::c000:ab',
  ];
  expect(found(...several)).toEqual(['2001:db8::/96', '64:ff9b::/96']);
});

test('a prefix that contains a well-known address itself is told by the other', () => {
  const inside = '2001:db8:c000:aa::c000:aa';
  expect(found(inside)).toEqual([]); // a /32 or a /96
  expect(found(inside, '2001:db8:c000:aa::c000:ab')).toEqual(['2001:db8:c000:aa::/96']);
});

test('no prefix: a resolver without DNS64, an address of somebody, octet u not zero', () => {
  expect(found()).toEqual([]);
  expect(found('2001:db8::1')).toEqual([]);
  expect(found('2001:db8::100:0:c000:aa')).toEqual([]);
  expect(prefixesOf([octets('192.0.0.170')])).toEqual([]);
});

test.each(['64:ff9b::/95', '64:ff9b::1/96', '64:ff9b::', '192.0.2.0/32', '1:2:3:4:500::/96'])(
  '%s is no prefix',
  (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  },
);
