import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flatCommands } from '@sixhub/base';
import { describe, expect, test } from 'vitest';
import { checkoutRoot, runOnMachine } from '../../lab/index.js';
import { commandBlocks, typedBlocks } from '../../machine/blocks.js';
import { pages } from '../../machine/pages.js';
import { programs } from '../../machine/programs.js';
import type { Ran } from '../../machine/ran.js';

const files = (await readdir(join(checkoutRoot, 'docs'), { recursive: true }))
  .filter((file) => file.endsWith('.md'))
  .map((file) => `docs/${file}`);
const texts = await Promise.all(
  ['README.md', ...files].map(async (file) => ({
    file,
    text: await readFile(join(checkoutRoot, file), 'utf8'),
  })),
);
const withCommands = texts.filter(({ text }) => commandBlocks(text).length > 0);

test('each page with commands is in the table, and nothing else is', () => {
  expect(withCommands.map(({ file }) => file).toSorted()).toEqual(Object.keys(pages).toSorted());
});

describe.each(withCommands)('$file', ({ file, text }) => {
  test('what is not typed stands in it', () => {
    const lines = new Set(commandBlocks(text).flatMap((block) => block.split('\n')));
    const { notTyped = {}, ends = {} } = pages[file] ?? {};
    expect(
      [...Object.keys(notTyped), ...Object.keys(ends)].filter((line) => !lines.has(line)),
    ).toEqual([]);
  });

  test('every command does what the page says, on a machine of its own', async () => {
    const ran: Ran[] = [];
    const machine = [join(checkoutRoot, 'test/dist/machine/main.js'), 'page', file];
    const { code, complaint } = await runOnMachine(machine, {
      addresses: ['2001:db8::53'],
      onLine: (line) => ran.push(JSON.parse(line)),
    });
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' });
    expect(ran).toHaveLength(typedBlocks(text, pages[file]?.notTyped).length);
    expect(ran.filter(({ code: ended, exit }) => ended !== exit)).toEqual([]);
  }, 300_000);
});

test.each(texts)('$file names commands and options that there are', async ({ text }) => {
  const known = new Map((await programs()).flatMap(flatCommands));
  const groups = new Set([...known.keys()].map((path) => path.split(' ').slice(0, 2).join(' ')));
  const names = (await programs()).map(({ name }) => name).join('|');
  const named = [...text.matchAll(new RegExp(`\`((?:${names}) [a-z][^\`]*)\``, 'g'))];
  const unknown = named.flatMap(([, line = '']) => {
    const [program, first, second] = line.split(/\s+/);
    const path = [`${program} ${first} ${second}`, `${program} ${first}`].find((one) =>
      known.has(one),
    );
    const options = Object.keys((path === undefined ? undefined : known.get(path))?.options ?? {});
    const wrong = [...line.matchAll(/ --([a-z-]+)/g)].filter(
      ([, option = '']) => ![...options, 'json', 'help'].includes(option),
    );
    const isGroup = second === undefined && groups.has(`${program} ${first}`);
    return (path === undefined && !isGroup && first !== 'help') || wrong.length > 0 ? [line] : [];
  });
  expect(unknown).toEqual([]);
});

test('each link of a page leads to a page and a heading that are there', () => {
  const missing = texts.flatMap(({ file, text }) =>
    [...text.matchAll(/\]\(([^)\s]+\.md)?(#[^)\s]+)?\)/g)].flatMap(([, to, heading]) => {
      const target = to === undefined ? file : join(file, '..', to);
      const found = texts.find((page) => page.file === target);
      const known = heading === undefined || headings(found?.text ?? '').includes(heading);
      return (found !== undefined && known) || target === 'CHANGELOG.md'
        ? []
        : [`${file}: ${to ?? ''}${heading ?? ''}`];
    }),
  );
  expect(missing).toEqual([]);
});

/** As GitHub and its like make anchors of them. */
function headings(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(
    ([, title = '']) =>
      `#${title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
        .replaceAll(' ', '-')}`,
  );
}
