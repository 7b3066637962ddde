import { expect, test } from 'vitest';
import { isCopied, presenceAfter, type Presence } from './presence.js';

const day = 86_400_000;
const start = Date.parse('2026-11-25T00:00:00Z');

/** What is known after these words, one a day; a dash says none. */
function after(...words: readonly string[]): { presence: Presence | undefined; now: Date } {
  let presence: Presence | undefined;
  let now = new Date(start);
  for (const [index, word] of words.entries()) {
    now = new Date(start + index * day);
    presence = presenceAfter(presence, word === '-' ? undefined : word, `2001:db8::${word}`, now);
  }
  return { presence, now };
}

const copied = (...words: readonly string[]): boolean => {
  const { presence, now } = after(...words);
  return isCopied(presence, now);
};

test.each([['a'], ['a', 'a', 'b', 'b', 'c'], ['-', '-', 'a', 'b'], ['-']])(
  'started anew, updated: %s',
  (...words) => expect(copied(...words)).toBe(false),
);

test.each([
  ['a', 'b', 'a'],
  ['a', 'b', 'c', 'b'],
  ['a', '-', 'a'],
  ['a', 'b', 'a', 'c'],
])('two by turns: %s', (...words) => expect(copied(...words)).toBe(true));

test('what says nothing new is the same object; a turn is remembered with both addresses', () => {
  const { presence, now } = after('a', 'b');
  expect(presenceAfter(presence, 'b', '::1', now)).toBe(presence);
  expect(after('a', 'b', 'a').presence).toEqual({
    instances: [
      { id: 'b', from: '2001:db8::b', since: '2026-11-26T00:00:00.000Z' },
      { id: 'a', from: '2001:db8::a', since: '2026-11-27T00:00:00.000Z' },
    ],
    turns: { since: new Date('2026-11-27'), last: new Date('2026-11-27') },
  });
});

test('it stands from the first turn on, and ends a week after the last', () => {
  const { presence } = after('a', 'b', 'a', 'b');
  expect(presence?.turns).toEqual({ since: new Date('2026-11-27'), last: new Date('2026-11-28') });
  expect(isCopied(presence, new Date('2026-12-05T00:00:00Z'))).toBe(true);
  expect(isCopied(presence, new Date('2026-12-05T00:00:00.001Z'))).toBe(false);
});

test('of many starts the last ones are kept', () => {
  const { presence } = after(...'abcdefghijkl');
  expect(presence?.instances.map(({ id }) => id).join('')).toBe('efghijkl');
});
