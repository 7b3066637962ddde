import { programFailure, SixhubError } from '@sixhub/base';
import type { UnitState } from '../domain/apply/units.js';
import type { Desk } from './desk.js';
import { readUnits } from './read-units.js';
import type { Run } from './run.js';

/** One that upgrades by itself holds the lock for a while. */
const patient = ['-o', 'DPkg::Lock::Timeout=120'];
/**
 * What is there stays: nobody could bring back a package that has to go for another one, and a file that a package brings too is
 * somebody's (dpkg would ask, and there is nobody to answer).
 */
const careful = ['--no-remove', '-o', 'Dpkg::Options::=--force-confold'];
const words = ['-q', '-y', ...patient, ...careful, '--no-install-recommends', 'install'];

/** What an apt that was killed has left half done has its end first: else neither it nor anything else is taken out. */
export function removals(
  packages: readonly string[],
  remnants: readonly string[],
): readonly (readonly string[])[] {
  const purged = packages.filter((name) => !remnants.includes(name));
  const take = (action: string, names: readonly string[]): readonly (readonly string[])[] =>
    names.length === 0 ? [] : [['apt-get', '-q', '-y', ...patient, action, ...names]];
  return packages.length === 0
    ? []
    : [
        ['dpkg', '--force-confold', '--configure', '-a'],
        ...take('remove', remnants),
        ...take('purge', purged),
      ];
}

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

/** Packages that were taken out once, and whose files in /etc their administrator kept. */
export async function remnantsAmong(
  run: Run,
  packages: readonly string[],
): Promise<readonly string[]> {
  if (packages.length === 0) return [];
  const shown = await run('dpkg-query', [
    '-W',
    '-f',
    '${db:Status-Abbrev} ${Package}\n', // of dpkg, which fills it in
    ...packages,
  ]);
  // It ends with 1 where it does not know one of them, and tells of the others.
  if (shown.kind !== 'exited') return [];
  return [...shown.stdout.matchAll(/^rc\s+(\S+)$/gm)].flatMap(([, name]) => name ?? []);
}

/** Those that a package may bring, and start. */
export function heldUnits(units: readonly UnitState[]): readonly string[] {
  return units
    .filter(({ unit, there }) => !there && !unit.startsWith('sixhub-'))
    .map(({ unit }) => unit);
}

/** Without starting what they bring: a daemon begins with our file, and not with its package's. */
export async function install(
  { run, store, tell }: Desk,
  number: number,
  packages: readonly string[],
): Promise<void> {
  tell({ event: 'installing', packages });
  await store.note(number, `install: ${packages.join(' ')}`);
  const held = heldUnits(await readUnits(run));
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
