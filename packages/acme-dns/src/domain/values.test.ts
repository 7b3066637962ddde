import { expect, test } from 'vitest';
import { withChallenge, withoutExpired, withRolling, type Value } from './values.js';

const rolling = (...texts: readonly string[]): readonly Value[] =>
  texts.reduce<readonly Value[]>(
    (values, text, sequence) => withRolling(values, { sequence, text, at: 0 }, 2).kept,
    [],
  );
const texts = (values: readonly Value[]): readonly string[] => values.map(({ text }) => text);

test('the newest two stay, however fast they come', () => {
  expect(texts(rolling('a', 'b', 'c'))).toEqual(['b', 'c']);
  expect(texts(rolling('a', 'b', 'a'))).toEqual(['b', 'a']);
  expect(texts(rolling('a', 'a'))).toEqual(['a']);
});

test('challenges do not push each other out, and the API does not push them out', () => {
  let values: readonly Value[] = [];
  for (let at = 0; at < 20; at++)
    values = withChallenge(values, { sequence: at, text: `${at}`, challenge: `c${at}`, at }).kept;
  for (let at = 20; at < 25; at++)
    values = withRolling(values, { sequence: at, text: `r${at}`, at }, 2).kept;
  expect(values).toHaveLength(22);
});

test('publishing a challenge again replaces its value', () => {
  const first = withChallenge([], { sequence: 1, text: 'a', challenge: 'x', at: 1 });
  const second = withChallenge(first.kept, { sequence: 2, text: 'b', challenge: 'x', at: 2 });
  expect(texts(second.kept)).toEqual(['b']);
  expect(texts(second.removed)).toEqual(['a']);
});

test('what nobody withdrew goes after its time, rolling values stay', () => {
  const values = [
    { sequence: 1, text: 'a', challenge: 'x', at: 0 },
    { sequence: 2, text: 'b', at: 0 },
    { sequence: 3, text: 'c', challenge: 'y', at: 950 },
  ];
  expect(texts(withoutExpired(values, 1_000, 100).kept)).toEqual(['b', 'c']);
});
