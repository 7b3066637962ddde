import { expect, test } from 'vitest';
import { mustBe } from '../../lab/index.js';
import { hubZone, openPractice } from './practice.js';

test('every record that should exist, as lines of a zone file and as a table, with what is there', async () => {
  await using practice = await openPractice();
  const { hub, target, above } = practice;
  const cname = `_acme-challenge.example.org. 3600 IN CNAME ${target}.`;
  const wanted = await mustBe(3, await hub.run(['records']));
  expect(wanted.stdout.split('\n')).toEqual([
    "; leads to the hub's own zone: there",
    `${hubZone}. 3600 IN NS ${hubZone}.`,
    "; where the hub's name server is: there",
    `${hubZone}. 3600 IN A ${hub.address}`,
    '; certificates for example.org: MISSING (it is not there at ns1.example.org)',
    cname,
    '',
  ]);

  await practice.serve(practice.cname);
  const table = await mustBe(0, await hub.run(['records', '--table']));
  expect(table.stdout).toMatch(/^NAME +TYPE +STATE +VALUE$/m);
  expect(table.stdout).toMatch(
    new RegExp(`^_acme-challenge\\.example\\.org +CNAME +there +${target}$`, 'm'),
  );

  await above.removeRecords(hubZone, 'A');
  await above.addRecord(`${hubZone} A 127.0.0.9`);
  await practice.serve('_acme-challenge.example.org CNAME old.example.org');
  const { stdout } = await mustBe(3, await hub.run(['records', '--json']));
  const { records } = JSON.parse(stdout);
  expect(
    records.map(({ type, state, seen }: Record<string, string>) => [type, state, seen]),
  ).toEqual([
    ['NS', 'there', ''],
    ['A', 'other', '127.0.0.9'],
    ['CNAME', 'other', 'it points elsewhere at ns1.example.org: old.example.org'],
  ]);
});
