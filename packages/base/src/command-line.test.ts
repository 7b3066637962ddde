import { describe, expect, test } from 'vitest';
import { command, type Program, type Terminal } from './command.js';
import { runCommandLine } from './command-line.js';
import { SixhubError } from './error.js';

const seen: unknown[] = [];

const issue = command({
  name: 'issue',
  summary: 'issues',
  operands: [{ name: 'DOMAIN', summary: 'a domain', many: true }],
  options: {
    key: { kind: 'text', value: 'KIND', summary: 'of key', default: 'p256' },
    name: { kind: 'texts', value: 'NAME', summary: 'another name', short: 'n' },
    wait: { kind: 'duration', value: 'TIME', summary: 'to wait', default: '1h' },
    quick: { kind: 'flag', summary: 'no waiting' },
  },
  examples: [{ line: 'demo issue example.org', does: 'issues it' }],
  run: async (input) => {
    seen.push(input);
    return 0;
  },
});

const fail = command({
  name: 'fail',
  summary: 'fails',
  operands: [],
  options: { how: { kind: 'text', value: 'HOW', summary: 'known or unknown' } },
  examples: [{ line: 'demo fail', does: 'fails' }],
  run: async ({ options }) => {
    if (options.how === 'unknown') throw new TypeError('x is not a function');
    throw new SixhubError({ code: 'no-luck', fact: 'no luck', hint: 'try\nagain', exit: 4 });
  },
});

const program: Program = {
  name: 'demo',
  version: '1.2.3',
  summary: 'for tests',
  commands: [issue, { kind: 'group', name: 'inner', summary: 'more', commands: [fail] }],
};

async function run(...words: string[]) {
  const output = { out: '', err: '' };
  const terminal: Terminal = {
    out: (text) => (output.out += `${text}\n`),
    err: (text) => (output.err += `${text}\n`),
    interactive: false,
    columns: 80,
    readAll: () => Promise.resolve(''),
    confirm: () => Promise.resolve(false),
    signal: new AbortController().signal,
  };
  return { code: await runCommandLine(program, words, terminal), ...output };
}

describe('a command line', () => {
  test('gives its action what was typed, by kind', async () => {
    await run('issue', 'a.org', '-n', 'x', '--name', 'y', '--wait', '1m30s', 'b.org', '--json');
    expect(seen.pop()).toEqual({
      operands: ['a.org', 'b.org'],
      options: { key: 'p256', name: ['x', 'y'], wait: 90_000, quick: false },
      json: true,
    });
  });

  test.each([
    [['isue', 'a.org'], "demo has no command 'isue'", "Did you mean 'demo issue'?"],
    [['issue'], 'DOMAIN is missing', 'demo issue example.org'],
    [['issue', 'a.org', '--kye', 'x'], 'there is no option --kye', 'Did you mean --key?'],
    [['issue', 'a.org', '--wait', 'soon'], "'soon' is not a time", '90s'],
    [['inner', 'fial'], "demo inner has no command 'fial'", "'demo inner fail'"],
    [['inner', 'fail', 'x'], "'x' is one word too many", '--help'],
  ])('%s is a usage error with a next step', async (words, fact, hint) => {
    const { code, out, err } = await run(...words);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(fact);
    expect(err).toContain(hint);
  });

  test('a known error has fact, hint and its own exit code', async () => {
    expect(await run('inner', 'fail')).toEqual({
      code: 4,
      out: '',
      err: 'error: no luck\n  try\n  again\n',
    });
    const { out } = await run('inner', 'fail', '--json');
    expect(JSON.parse(out)).toEqual({
      error: { code: 'no-luck', fact: 'no luck', hint: 'try\nagain' },
    });
  });

  test('an unknown error shows no stack', async () => {
    const { code, err } = await run('inner', 'fail', '--how', 'unknown');
    expect(code).toBe(1);
    expect(err).toContain('x is not a function');
    expect(err).not.toMatch(/^\s+at /m);
  });

  test('help names options, defaults and an example, at each level', async () => {
    expect((await run('--help')).out).toContain('issue');
    expect((await run('inner')).out).toContain('demo inner fail');
    const { out } = await run('issue', '--help');
    expect(out).toContain('demo issue DOMAIN … [options]');
    expect(out).toContain('of key (default p256)');
    expect(out).toContain('-n, --name NAME');
    expect(out).toContain('demo issue example.org');
    expect((await run('--version')).out).toBe('demo 1.2.3\n');
  });
});
