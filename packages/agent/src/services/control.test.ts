import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@sixhub/base';
import { expect, it } from 'vitest';
import { serviceControl } from './control.js';

it('knows one start of a unit from the next, as systemd tells it, and says nothing of others', async () => {
  const units = await mkdtemp(join(tmpdir(), 'units-'));
  try {
    const control = serviceControl(runProgram, units);
    await symlink('1f4d', join(units, 'invocation:apache2.service'));
    expect(await control.startOf({ unit: 'apache2.service' })).toBe('1f4d');
    expect(await control.startOf({ unit: 'nginx.service' })).toBeUndefined();
    expect(await control.startOf({ unit: undefined })).toBeUndefined();
  } finally {
    await rm(units, { recursive: true });
  }
});
