import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { policies } from '../domain/retry.js';
import { hub } from './program.js';

/** docs/problems.md has a section for each kind, which says what the table does, with commands that there are. */
const page = readFileSync(new URL('../../../../docs/problems.md', import.meta.url), 'utf8');
const sections = page
  .split(/^## /m)
  .slice(1)
  .map((text) => ({ kind: text.slice(0, text.indexOf('\n')), text }));

test('a section for each kind of problem, and for no other', () => {
  const kinds = sections.map(({ kind }) => kind);
  expect(kinds.toSorted()).toEqual(Object.keys(policies).toSorted());
});

describe.each(sections)('the section of $kind', ({ text }) => {
  test('says what the authority said, what the hub does, and what a person can do', () => {
    for (const part of ['- **It said:** ', '- **The hub** ', '- **You:** ']) {
      expect(text.split(part)).toHaveLength(2);
    }
  });

  test('names commands that there are', () => {
    expect(commandsIn(text).map(unknownIn)).toEqual(commandsIn(text).map(() => undefined));
  });
});

describe.each(Object.entries(policies))('%s in the table', (kind, { retry, hint }) => {
  test('tries again as its section says', () => {
    const text = sections.find((section) => section.kind === kind)?.text ?? '';
    expect(text.includes('does not try again')).toBe(retry === 'person');
    expect(/tries again at once|and tries again at once/.test(text)).toBe(retry === 'at-once');
  });

  test('has a hint that names commands that there are', () => {
    expect(commandsIn(hint).map(unknownIn)).toEqual(commandsIn(hint).map(() => undefined));
  });
});

test('a command or an option that there is not is found', () => {
  expect(commandsIn('Run `hub frobnicate NAME`, or: hub issue NAME --frob.')).toEqual([
    'frobnicate NAME`',
    'issue NAME --frob',
  ]);
  expect(unknownIn('frobnicate NAME')).toBe('frobnicate');
  expect(unknownIn('account frobnicate')).toBe('account frobnicate');
  expect(unknownIn('issue NAME --frob')).toBe('--frob');
  expect(unknownIn('account register NAME')).toBeUndefined();
});

/** What follows each `hub` that begins a command: in code, or after a colon or a bracket. */
function commandsIn(text: string): readonly string[] {
  return [...text.matchAll(/[`(:] ?hub ([a-z][^.,;)]*)/g)].map(([, words = '']) => words);
}

/** The first word that the command line does not know. */
function unknownIn(words: string): string | undefined {
  const [first = '', second = ''] = words.replace(/`.*$/, '').split(/\s+/);
  const found = hub.commands.find(({ name }) => name === first);
  if (found === undefined) return first;
  const command =
    found.kind === 'group' ? found.commands.find(({ name }) => name === second) : found;
  if (command === undefined) return `${first} ${second}`;
  const options = words.replace(/`.*$/, '').match(/--[a-z-]+/g) ?? [];
  return options.find((option) => !(option.slice(2) in command.options));
}
