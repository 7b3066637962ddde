import type { ApplyRecord } from '../domain/apply/record.js';
import { deadUnits, touchedUnits, type UnitState } from '../domain/apply/units.js';
import type { Run } from './run.js';

/** One question for all; empty where there is no systemctl. */
export async function readUnits(run: Run): Promise<readonly UnitState[]> {
  const result = await run('systemctl', [
    ...['show', '--property=Id,LoadState,UnitFileState,ActiveState', '--', ...touchedUnits],
  ]);
  if (result.kind !== 'exited' || result.code !== 0) return [];
  const blocks = result.stdout.trim().split('\n\n');
  return touchedUnits.flatMap((unit, index) => {
    const value = (key: string): string =>
      new RegExp(`^${key}=(.*)$`, 'm').exec(blocks[index] ?? '')?.[1] ?? '';
    const load = value('LoadState');
    if (load === '') return [];
    return [
      {
        unit,
        there: load !== 'not-found',
        file: load === 'masked' ? 'masked' : value('UnitFileState'),
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
