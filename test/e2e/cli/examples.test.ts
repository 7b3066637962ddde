import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkoutRoot, runOnMachine } from '../../lab/index.js';
import type { Ran } from '../../machine/ran.js';

test('every example of every command does what it says, as it is typed, and prints JSON alone where asked to', async () => {
  const ran: Ran[] = [];
  const machine = [join(checkoutRoot, 'test/dist/machine/main.js'), 'examples'];
  const { code, complaint } = await runOnMachine(machine, {
    addresses: ['2001:db8::53'],
    onLine: (line) => ran.push(JSON.parse(line)),
  });
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' });
  expect(ran.filter(({ code: ended, exit }) => ended !== exit)).toEqual([]);
  expect(ran.length).toBeGreaterThan(80);
}, 600_000);
