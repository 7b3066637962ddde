import { manifest } from '@sixhub/protocol';
import { expect, test } from 'vitest';
import { hubsAfter } from './identity-file.js';

test('the newest addresses come first, four of before after them, and no address is left out', () => {
  expect(hubsAfter(['https://a', 'https://b'], ['https://c', 'http://d', '', 'https://a'])).toEqual(
    ['https://c', 'https://a', 'https://b'],
  );
  const before = ['https://1', 'https://2', 'https://3', 'https://4', 'https://5'];
  expect(hubsAfter(before, ['https://6'])).toEqual(['https://6', ...before.slice(0, 4)]);
  expect(hubsAfter(before, [])).toBe(before);
});

test('what can’t be read of what the hub tells of itself leaves the certificates', () => {
  for (const hub of [undefined, 7, { addresses: 'https://a' }]) {
    expect(manifest.parse({ certificates: [], hub })).toEqual({ certificates: [], hub: undefined });
  }
});
