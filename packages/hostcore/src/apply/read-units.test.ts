import { expect, test } from 'vitest';
import { touchedUnits } from '../domain/apply/units.js';
import { readUnits } from './read-units.js';
import type { Run } from './run.js';

/** As systemd 252 answers, when networking was disabled and radvd masked without a reload of PID 1. */
const shown = (unit: string): string => {
  const known = ['networking.service', 'radvd.service', 'ndppd.service'].includes(unit);
  const [load, file] = known ? ['loaded', 'enabled'] : ['not-found', ''];
  return `Id=${unit}\nLoadState=${load}\nUnitFileState=${file}\nActiveState=active\n`;
};
const listed = 'networking.service disabled enabled\nradvd.service      masked   enabled\n';

test('what will be at the next boot is what the disk has, and not what PID 1 remembers', async () => {
  const run: Run = (_, [action]) => {
    const stdout = action === 'show' ? touchedUnits.map(shown).join('\n') : listed;
    return Promise.resolve({ kind: 'exited', code: 0, stdout, stderr: '' });
  };
  const units = await readUnits(run);
  const file = (name: string): string | undefined =>
    units.find(({ unit }) => unit === `${name}.service`)?.file;
  expect([file('networking'), file('radvd')]).toEqual(['disabled', 'masked']);
  // Of one that the list has not, what PID 1 says.
  expect([file('ndppd'), file('named')]).toEqual(['enabled', '']);
});

test('where systemctl has no such list, or is not there at all', async () => {
  const old: Run = (_, [action]) =>
    Promise.resolve({
      ...{ kind: 'exited', code: action === 'show' ? 0 : 1, stderr: '' },
      stdout: action === 'show' ? touchedUnits.map(shown).join('\n') : '',
    });
  expect((await readUnits(old)).find(({ unit }) => unit === 'radvd.service')?.file).toBe('enabled');
  expect(
    await readUnits(() => Promise.resolve({ kind: 'exited', code: 1, stdout: '', stderr: '' })),
  ).toEqual([]);
});
