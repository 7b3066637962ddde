import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mustBe, type CommandResult } from '../../lab/index.js';
import { openHouse, type House } from './house.js';

/** A hub with some lines, and what its log said of them. */
async function withLines(): Promise<{ house: House; log: string; head: string } & AsyncDisposable> {
  const house = await openHouse();
  const daemon = await house.hub.serve();
  for (const name of ['one', 'two', 'three', 'four']) {
    await mustBe(0, await house.hub.run(['token', 'add', name]));
  }
  const log = join(house.lab.directory, 'journal');
  await writeFile(log, await daemon.log());
  const verified = await mustBe(0, await house.hub.run(['audit', 'verify', '--json']));
  const { head } = JSON.parse(verified.stdout);
  return { house, log, head, [Symbol.asyncDispose]: () => house[Symbol.asyncDispose]() };
}

function expectBreach(result: CommandResult, ...words: readonly string[]): void {
  expect(result.code, result.stdout + result.stderr).toBe(1);
  for (const word of words) expect(result.stdout).toContain(word);
}

test('a whole log: its length, its head, and what to compare it with', async () => {
  await using ground = await withLines();
  const { house, log, head } = ground;
  const plain = await mustBe(0, await house.hub.run(['audit', 'verify']));
  expect(plain.stdout).toContain('4 lines');
  expect(plain.stdout).toContain(head);
  expect(plain.stderr).toContain('journalctl');
  const compared = await mustBe(
    0,
    await house.hub.run(['audit', 'verify', '--log', log, '--head', head]),
  );
  expect(compared.stderr).toBe('');
  const piped = await house.hub.run(['audit', 'verify', '--log', '-'], {
    input: await readFile(log, 'utf8'),
  });
  expect((await mustBe(0, piped)).stderr).toBe('');
  const listed = await mustBe(0, await house.hub.run(['audit', 'list', '--object', 'two']));
  expect(listed.stdout).toMatch(/socket +token\.add +two \(read\)/);
  expect(listed.stdout).not.toContain('three');
  const json = await mustBe(
    0,
    await house.hub.run(['audit', 'list', '--action', 'token', '--json', '--limit', '2']),
  );
  expect(JSON.parse(json.stdout).lines).toMatchObject([{ object: 'three' }, { object: 'four' }]);
});

test.each([
  ["UPDATE audit SET actor = 'token:somebody' WHERE seq = 2", 'line 2', 'was changed'],
  ["UPDATE audit SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 3", 'line 3', 'was changed'],
  ['DELETE FROM audit WHERE seq = 2', 'line 2', 'is missing'],
  ['DELETE FROM audit WHERE seq = 1', 'line 1', 'is missing'],
  [
    'UPDATE audit SET seq = 99 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 99',
    'line 2',
    'was changed',
  ],
  ['UPDATE audit SET seq = seq - 1 WHERE seq > 2; ', 'line 2', 'was changed'],
])('%s is found', async (statements, ...words) => {
  await using ground = await withLines();
  const { house } = ground;
  await house.sql(
    statements.startsWith('UPDATE audit SET seq = seq')
      ? `DELETE FROM audit WHERE seq = 2; ${statements}`
      : statements,
  );
  expectBreach(await house.hub.run(['audit', 'verify']), ...words, 'changed from outside');
});

test('a cut tail is found by the log and by a head noted earlier, also when the hub has gone on', async () => {
  await using ground = await withLines();
  const { house, log, head } = ground;
  await house.sql('DELETE FROM audit WHERE seq >= 3');
  await mustBe(0, await house.hub.run(['audit', 'verify'])); // by itself, it can't show
  expectBreach(
    await house.hub.run(['audit', 'verify', '--log', log]),
    'line 3',
    'line 4',
    'not here any more',
  );
  expectBreach(await house.hub.run(['audit', 'verify', '--head', head]), '--head');
  for (const name of ['five', 'six', 'seven'])
    await mustBe(0, await house.hub.run(['token', 'add', name]));
  await mustBe(0, await house.hub.run(['audit', 'verify']));
  expectBreach(await house.hub.run(['audit', 'verify', '--log', log]), 'line 3', 'another line');
  expectBreach(await house.hub.run(['audit', 'verify', '--head', head]), '--head');
});
