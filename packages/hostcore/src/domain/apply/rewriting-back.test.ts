import { expect, test } from 'vitest';
import { rewritingAdded, rewritingLost, rewritingSpare } from './rewriting-back.js';

const known = {
  ...{ rule: '-j snat --to-src 00:24:21:21:ac:99', out: undefined },
  add: 'ebtables-nft -t nat -I POSTROUTING 1 -j snat --to-src 00:24:21:21:ac:99',
  remove: 'ebtables-nft -t nat -D POSTROUTING -j snat --to-src 00:24:21:21:ac:99',
};
const handle = 'bridge nat POSTROUTING handle 2';
const unknown = {
  ...{ rule: `-o eno1 -j snat (${handle})`, out: 'eno1' },
  remove: `nft delete rule ${handle}`,
};

test('one whose tool is there comes back, one whose tool is not is told', () => {
  const before = [known, unknown];
  expect(rewritingAdded(before, [])).toEqual([known.add]);
  expect(rewritingLost(before, [])).toEqual([
    expect.stringContaining(`the rule of ebtables ${unknown.rule} is not back`),
  ]);
  expect(rewritingLost(before, before)).toEqual([]);
  expect(rewritingLost(undefined, before)).toEqual([]);
});

test('what stood there once, and stands there twice, goes once', () => {
  expect(rewritingSpare([known], [known, known])).toEqual([known.remove]);
});
