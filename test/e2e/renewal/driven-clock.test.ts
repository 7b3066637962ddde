import { expect, test } from 'vitest';
import { day, hour, openSimulator } from './simulator.js';

test('a year of driven time, with an authority whose Date is the machine’s: issued and renewed all the same', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first', date: Date.now }],
    certificates: ['a.example', 'b.example'],
    drivesMachine: false,
  });
  let least = 1;
  await hub.pass(365 * day, 6 * hour, async () => {
    for (const name of ['a.example', 'b.example']) least = Math.min(least, await hub.leftOf(name));
  });
  expect(least).toBeGreaterThan(0.25);
  expect(await hub.versions('a.example')).toHaveLength(7);
  expect(await hub.versions('b.example')).toHaveLength(7);
  expect(hub.warnings).toEqual([]);
}, 120_000);
