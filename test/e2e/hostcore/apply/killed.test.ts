import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkoutRoot, commandLine, openLab } from '../../../lab/index.js';
import { hostNet, until } from '../../../lab/host-network.js';
import { openGround, stateOf, type Answer, type Ground } from '../../../lab/host-ground.js';

/** All with SIXHUB_EVERY_STEP=1; else some of each kind. */
const every = process.env['SIXHUB_EVERY_STEP'] === '1';
const longest = every ? 3_600_000 : 600_000;

test(
  'an apply that is killed at a line of its journal is undone by what was armed, and nothing is left',
  async () => {
    await using lab = await openLab();
    const ground = await openGround(lab);
    const { host, provider } = ground;
    const before = await stateOf(host);
    const lines = await journalOf(ground, ['apply', '--no-wait', '--confirm-within', '60s']);
    expect(await ground.hostcore('rollback')).toMatchObject({ code: 0 });
    expect(await stateOf(host)).toBe(before);
    expect(lines.length).toBeGreaterThan(45);
    for (const count of chosen(lines)) {
      const what = `killed at line ${count}: ${lines[count - 1]}`;
      const { code } = await dieAt(ground, count, ['apply', '--no-wait', '--confirm-within', '2s']);
      expect({ what, code }).toEqual({ what, code: 'killed' });
      // It needs nobody: neither the command, nor the shell that it came from.
      await until(host, 'sh', ['-c', isSettled], /^settled/);
      expect(`${what}\n${await stateOf(host)}`).toBe(`${what}\n${before}`);
      await provider.must('ping', ['-c', '1', '-W', '1', hostNet.host4]);
    }
  },
  longest,
);

test(
  'a rollback that is killed at a line of its journal is begun anew, to the same end',
  async () => {
    await using lab = await openLab();
    const ground = await openGround(lab);
    const { host } = ground;
    const before = await stateOf(host);
    const make = async (): Promise<void> => {
      const words = ['apply', '--no-wait', '--confirm-within', '10s'];
      expect(await ground.hostcore(...words)).toMatchObject({ code: 3 });
    };
    await make();
    const made = (await journal(ground)).length;
    expect(await ground.hostcore('rollback')).toMatchObject({ code: 0 });
    const lines = (await journal(ground)).slice(made);
    expect(lines.length).toBeGreaterThan(30);
    for (const count of chosen(lines)) {
      await make();
      const what = `killed at line ${count}: ${lines[count - 1]}`;
      const { code } = await dieAt(ground, count, ['rollback']);
      expect({ what, code }).toEqual({ what, code: 'killed' });
      await until(host, 'sh', ['-c', isSettled], /^settled/);
      expect(`${what}\n${await stateOf(host)}`).toBe(`${what}\n${before}`);
    }
  },
  longest,
);

/** The mark that something is open is gone, and so is who takes it back. */
const isSettled =
  '[ -e /run/sixhub-hostcore/unconfirmed ] || pgrep --ns $$ --nslist net -f [h]ostcore.js >/dev/null || echo settled';

/** One of each kind, and both ends. */
function chosen(lines: readonly string[]): readonly number[] {
  const all = lines.map((_, index) => index + 1);
  if (every) return all;
  const kinds = lines.map((line) =>
    line
      .replace(/^\S+ /, '')
      .replace(/step \d+ of \d+: /, '')
      .split(' ', 2)
      .join(' ')
      .replace(/ \/.*/, ''),
  );
  const first = all.filter((count) => kinds.indexOf(kinds[count - 1] ?? '') === count - 1);
  return first.filter((_, index) => index % 3 === 0 || index === first.length - 1);
}

async function journalOf(ground: Ground, words: readonly string[]): Promise<readonly string[]> {
  expect(await ground.hostcore(...words)).toMatchObject({ code: 3 });
  return journal(ground);
}

/** Of the newest. */
async function journal({ host }: Ground): Promise<readonly string[]> {
  const text = await host.shell(
    'cat /run/sixhub-hostcore/$(ls /run/sixhub-hostcore | grep 0 | tail -n 1)/journal',
  );
  return text.trimEnd().split('\n');
}

async function dieAt(
  { host }: Ground,
  line: number,
  words: readonly string[],
): Promise<Pick<Answer, 'code'>> {
  const preload = join(checkoutRoot, 'test/e2e/hostcore/apply/die-at-line.mjs');
  const result = await host.run('env', [
    ...[`DIE_AT_LINE=${line}`, `NODE_OPTIONS=--import=${preload}`, process.execPath],
    ...commandLine('hostcore', [...words, '--state', '/run/sixhub-hostcore']),
  ]);
  return { code: result.kind === 'exited' && result.code === 137 ? 'killed' : Object(result).kind };
}
