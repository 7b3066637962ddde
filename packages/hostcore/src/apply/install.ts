import { programFailure, SixhubError } from '@sixhub/base';
import { touchedUnits } from '../domain/apply/units.js';
import type { Desk } from './desk.js';
import { readUnits } from './read-units.js';

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
    const words = ['-q', '-y', '--no-install-recommends', 'install', ...packages];
    const failure = programFailure(await run('apt-get', words, { timeoutMs: 1_200_000, env }));
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
