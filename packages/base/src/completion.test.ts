import { expect, test } from 'vitest';
import { command, type Program } from './command.js';
import { completions } from './completion.js';

const issue = command({
  name: 'issue',
  summary: 'issues',
  operands: [
    {
      name: 'DOMAIN',
      summary: 'a domain',
      many: true,
      offer: async ({ options }) =>
        options['socket'] === '/dead' ? Promise.reject(new Error('dead')) : ['a.org', 'b.org'],
    },
  ],
  options: {
    key: { kind: 'text', value: 'KIND', summary: 'of key', offer: ['p256', 'p384'] },
    config: { kind: 'text', value: 'FILE', summary: 'a file', short: 'c', offer: 'file' },
    socket: { kind: 'text', value: 'PATH', summary: 'a socket' },
    quick: { kind: 'flag', summary: 'no waiting' },
  },
  examples: [{ line: 'demo issue example.org', does: 'issues it' }],
  run: () => Promise.resolve(0),
});

const program: Program = {
  name: 'demo',
  version: '1',
  summary: 'for tests',
  commands: [issue, { kind: 'group', name: 'inner', summary: 'more', commands: [issue] }],
};

test.each([
  [['i'], ['issue\tissues', 'inner\tmore']],
  [['inner', ''], ['issue\tissues']],
  [['help', 'inner', 'is'], ['issue\tissues']],
  [['issue', 'a'], ['a.org']],
  [['issue', 'a.org', ''], ['b.org']],
  [['inner', 'issue', '--quick', 'b'], ['b.org']],
  [['issue', '--q'], ['--quick\tno waiting']],
  [['issue', '--quick', '--q'], []],
  [
    ['issue', '--key', 'p'],
    ['p256', 'p384'],
  ],
  [['issue', '--key=p3'], ['--key=p384']],
  // bash's way with an equal sign
  [['issue', '--key', '=', 'p3'], ['p384']],
  [
    ['issue', '--key', '='],
    ['p256', 'p384'],
  ],
  [['issue', '-c', ''], [':file']],
  [
    ['issue', '--socket', '/x', ''],
    ['a.org', 'b.org'],
  ],
  [['issue', '--socket', '/dead', ''], []],
  [['nothing', ''], []],
])('%j', async (words, expected) => {
  expect(await completions(program, words)).toEqual(expected);
});
