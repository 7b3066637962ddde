import type { ApplyRecord } from '../domain/apply/record.js';
import { deadUnits, touchedUnits, type UnitState } from '../domain/apply/units.js';
import type { Run } from './run.js';

/**
 * Two questions for all; empty where there is no systemctl. What will be at the next boot is asked of the disk: PID 1 remembers the
 * state of a unit's file until it reads all units anew, which our own `--no-reload` spares it.
 */
export async function readUnits(run: Run): Promise<readonly UnitState[]> {
  const [shown, listed] = await Promise.all([
    run('systemctl', [
      ...['show', '--property=Id,LoadState,UnitFileState,ActiveState', '--', ...touchedUnits],
    ]),
    run('systemctl', ['list-unit-files', '--no-legend', '--no-pager', '--', ...touchedUnits]),
  ]);
  if (shown.kind !== 'exited' || shown.code !== 0) return [];
  const blocks = shown.stdout.trim().split('\n\n');
  const lines = listed.kind === 'exited' ? listed.stdout.split('\n') : [];
  const onDisk = new Map(
    lines.flatMap((line) => {
      const [unit, state] = line.trim().split(/\s+/);
      return unit === undefined || state === undefined ? [] : [[unit, state] as const];
    }),
  );
  return touchedUnits.flatMap((unit, index) => {
    const value = (key: string): string =>
      new RegExp(`^${key}=(.*)$`, 'm').exec(blocks[index] ?? '')?.[1] ?? '';
    const load = value('LoadState');
    if (load === '') return [];
    const remembered = load === 'masked' ? 'masked' : value('UnitFileState');
    const file = onDisk.get(unit) ?? remembered;
    return [
      {
        unit,
        there: load !== 'not-found',
        file: file.startsWith('masked') ? 'masked' : file, // until the next boot, or for good
        // One that reloads is there; one that starts may still fail.
        active: /^(active|reloading)$/.test(value('ActiveState')),
      },
    ];
  });
}

/** Daemons that died of an apply. A rollback may have ended some on purpose. */
export async function diedOf(
  run: Run,
  { kind, commands }: ApplyRecord,
): Promise<readonly string[]> {
  return kind === 'apply' ? deadUnits(commands, await readUnits(run)) : [];
}
