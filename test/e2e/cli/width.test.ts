import { commandHelp, flatCommands, programHelp } from '@sixhub/base';
import { describe, expect, test } from 'vitest';
import { mustBe, openEstate, openPane } from '../../lab/index.js';
import { programs } from '../../machine/programs.js';

const declared = await programs();

describe.each([40, 80])('on a terminal of %i columns', (columns) => {
  test.each(declared)('the help of $name fits, but for words that are copied whole', (program) => {
    const texts = [
      programHelp(program, columns),
      ...flatCommands(program).map(([path, command]) => commandHelp(path, command, columns)),
    ];
    const tooWide = texts
      .flatMap((text) => text.split('\n'))
      .filter((line) => line.length > columns);
    // Examples are to be copied, and an option stands beside what it takes.
    const broken = tooWide.filter((line) => {
      const isExample = line.startsWith(`  ${program.name} `) || /^ {6}--?[a-z]/.test(line);
      return !isExample && / \S+ /.test(line.trim());
    });
    expect(broken).toEqual([]);
  });
});

test('what is shown fits a terminal of 40 columns, and a record stands in one line all the same', async () => {
  await using estate = await openEstate();
  const { hub } = estate;
  await hub.serve();
  await mustBe(0, await hub.run(['agent', 'add', 'a-machine.department']));
  const target = await estate.wantedTarget('mail.department.example.org');
  const pane = await openPane(estate.lab, { columns: 40, rows: 60, env: { PS1: '$ ' } });
  await pane.enter(`c='-c ${hub.config}'; clear; echo ready`);
  await pane.until(/^ready$/m);
  for (const [words, heading] of [
    ['list', /^ {2}state {4}waits for its CNAME$/m],
    ['agent list', /^ {2}stands {8}invited$/m],
    ['records --table', /^ {2}type {3}CNAME$/m],
    ['show mail.department.example.org', /^ {11}record:$/m],
  ] as const) {
    await pane.enter(`clear; hub ${words} $c; echo done-${words.split(' ')[0]}`);
    expect(await pane.until(new RegExp(`^done-${words.split(' ')[0]}$`, 'm'))).toMatch(heading);
  }
  const record = `_acme-challenge.mail.department.example.org. 300 IN CNAME ${target}.`;
  expect((await pane.everything()).split('\n').map((line) => line.trim())).toContain(record);
});
