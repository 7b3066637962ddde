import { readFile, rm, writeFile } from 'node:fs/promises';
import SQLite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { day, hour, openSimulator } from './simulator.js';

const minute = 60_000;

test('a file of `trust` that is gone stops its own authority alone, and only until it is back', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }, { name: 'second' }],
    certificates: ['a.example', 'b.example'],
    profile: 'shortlived',
  });
  const [first] = hub.authorities;
  if (first === undefined) throw new Error('there is an authority');
  const trust = await readFile(first.httpsCertificate, 'utf8');
  await hub.pass(hour, 10 * minute);
  await rm(first.httpsCertificate);
  let least = 1;
  await hub.pass(8 * day, hour / 2, async () => {
    least = Math.min(least, await hub.leftOf('a.example'), await hub.leftOf('b.example'));
  });
  expect(least, 'renewed in time').toBeGreaterThan(0.4);
  expect((await hub.versions('a.example')).at(-1)?.authority).toBe('second');
  const told = hub.warnings.join('\n');
  expect(told).toContain(
    "the file that `trust` of authority first names in hub.toml can't be read",
  );
  expect(told).not.toContain('tick failed');

  await writeFile(first.httpsCertificate, trust);
  await hub.pass(8 * day, hour / 2);
  expect((await hub.versions('a.example')).at(-1)?.authority).toBe('first');
});

test('a certificate that cannot be read in the store does not hold the others up', async () => {
  await using hub = await openSimulator({
    authorities: [{ name: 'first' }],
    certificates: ['a.example', 'b.example'],
    profile: 'shortlived',
  });
  damage(hub.database);
  await hub.pass(8 * day, hour);
  expect((await hub.versions('b.example')).length).toBeGreaterThanOrEqual(3);
  expect(await hub.versions('a.example')).toHaveLength(1);
  expect(hub.warnings.join('\n')).toContain('its renewal met an error of our own');
});

function damage(file: string): void {
  const database = new SQLite(file);
  database.exec(`update certificates set key_kind = 'odd' where name = 'a.example'`);
  database.close();
}
