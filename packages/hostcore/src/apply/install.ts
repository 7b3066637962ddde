import { programFailure, SixhubError } from '@sixhub/base';
import { touchedUnits } from '../domain/apply/units.js';
import type { Desk } from './desk.js';
import { readUnits } from './read-units.js';
import type { Run } from './run.js';

const words = ['-q', '-y', '--no-install-recommends', 'install'];

/** With what they need and bring along, asked before: all of it is what is taken out again. */
export async function newPackages(
  run: Run,
  packages: readonly string[],
): Promise<readonly string[]> {
  if (packages.length === 0) return [];
  const result = await run('apt-get', ['--simulate', ...words, ...packages]);
  // One that is there already, and only renewed, has its version before the brackets.
  const found = result.kind === 'exited' ? result.stdout.matchAll(/^Inst (\S+) \(/gm) : [];
  return [...new Set([...packages, ...[...found].flatMap(([, name]) => name ?? [])])];
}

/** Without starting what they bring: a daemon begins with our file, and not with its package's. */
export async function install(
  { run, store, tell }: Desk,
  number: number,
  packages: readonly string[],
): Promise<void> {
  tell({ event: 'installing', packages });
  await store.note(number, `install: ${packages.join(' ')}`);
  const absent = (await readUnits(run)).filter(({ there }) => !there).map(({ unit }) => unit);
  const held = touchedUnits.filter((unit) => absent.includes(unit) && !unit.startsWith('sixhub-'));
  await run('systemctl', ['mask', '--runtime', ...held]);
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const failure = programFailure(
      await run('apt-get', [...words, ...packages], { timeoutMs: 1_200_000, env }),
    );
    if (failure === undefined) return;
    throw new SixhubError({
      code: 'not-installed',
      fact: `apt-get could not install ${packages.join(' ')}: ${failure}`,
      hint: 'Everything was taken back. `apt-get update` may help.',
    });
  } finally {
    await run('systemctl', ['unmask', '--runtime', ...held]);
  }
}
