import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  acmeDnsZone,
  makeAcmeDns,
  openLab,
  ports,
  startNameServer,
  startResolver,
  type AcmeDnsHouse,
  type Lab,
} from '../../lab/index.js';

/** A parent zone with a name server of its own, and who looks it up. */
async function parentOf(lab: Lab, house: AcmeDnsHouse) {
  const parent = await startNameServer(lab, ['beispiel.test']);
  await parent.addRecord('beispiel.test NS dns.beispiel.test');
  await parent.addRecord(`dns.beispiel.test A ${parent.address}`);
  const resolver = await startResolver(lab, [...parent.stubs, house.stub]);
  const check = (...words: readonly string[]) =>
    house.run('check', '--resolver', resolver.server, '--port', String(ports.dns), ...words);
  const delegate = async () => {
    await parent.addRecord(`${acmeDnsZone} NS ns.${acmeDnsZone}`);
    await parent.addRecord(`ns.${acmeDnsZone} A ${house.address}`);
  };
  return { parent, check, delegate };
}

test('check says what is missing at the parent, and when all is well', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const { parent, check } = await parentOf(lab, house);
  const stopped = await check();
  expect(stopped.code).toBe(1);
  expect(stopped.stdout).toContain('ECONNREFUSED');
  expect(stopped.stdout).toContain(
    `WRONG beispiel.test delegates no zone ${acmeDnsZone}\n` +
      `      Add to the zone beispiel.test:\n      ${acmeDnsZone}. NS ns.${acmeDnsZone}.\n`,
  );

  await house.serve();
  await parent.addRecord(`${acmeDnsZone} NS ns.${acmeDnsZone}`);
  expect((await check()).stdout).toContain(`the parent has no glue for ns.${acmeDnsZone}`);
  await parent.addRecord(`ns.${acmeDnsZone} A ${house.address}`);
  const done = await check();
  const place = `ns.${acmeDnsZone} at ${house.address}:${ports.dns}`;
  expect(done.stdout.replaceAll(/asked from 127\.[\d.]+/g, 'asked from here').split('\n')).toEqual([
    `ok    this server at ${house.address}:${ports.dns}: UDP: authoritative, with EDNS (asked from here)`,
    `ok    this server at ${house.address}:${ports.dns}: TCP: authoritative, with EDNS (asked from here)`,
    `ok    beispiel.test delegates to ns.${acmeDnsZone}`,
    `ok    beispiel.test has no DS record for ${acmeDnsZone}, which is not signed`,
    `ok    ${place}: UDP: authoritative, with EDNS (asked from here)`,
    `ok    ${place}: TCP: authoritative, with EDNS (asked from here)`,
    `ok    ns.${acmeDnsZone}: the parent's glue and this zone say ${house.address}`,
    'ok    no CAA record limits which authority may issue',
    '',
  ]);
  expect(done.code).toBe(0);
  expect(JSON.parse((await check('--json')).stdout)).toMatchObject({
    ok: true,
    findings: expect.arrayContaining([expect.objectContaining({ state: 'ok' })]),
  });
});

test('glue and name servers that differ from the zone, a DS record, another server in the way', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const { parent, check, delegate } = await parentOf(lab, house);
  await house.serve();
  await delegate();
  await parent.addRecord(
    `${acmeDnsZone} DS 60485 13 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A`,
  );
  expect((await check()).stdout).toContain(
    `WRONG beispiel.test has a DS record for ${acmeDnsZone}, and this zone is not signed\n` +
      '      Remove the DS record from beispiel.test.\n',
  );
  await parent.removeRecords(acmeDnsZone, 'DS');

  // An address that nobody has any more, beside the right one.
  await parent.addRecord(`ns.${acmeDnsZone} A ${parent.address}`);
  const stale = (await check()).stdout;
  expect(stale).toMatch(
    new RegExp(`WRONG ns\\.${acmeDnsZone} at ${parent.address}:${ports.dns}: UDP: `),
  );
  expect(stale).toContain("the parent's glue says ");
  expect(stale).toContain('Correct the glue, or have in general.records: ');
  await parent.removeRecords(`ns.${acmeDnsZone}`);
  await parent.addRecord(`ns.${acmeDnsZone} A ${house.address}`);

  await parent.addRecord(`${acmeDnsZone} NS second.${acmeDnsZone}`);
  await parent.addRecord(`second.${acmeDnsZone} A ${house.address}`);
  const more = (await check()).stdout;
  expect(more).toContain(
    `the parent names ns.${acmeDnsZone}, second.${acmeDnsZone}, this zone ns.${acmeDnsZone} as name servers`,
  );
  expect(more).toContain(`this zone has no address for it`);

  await writeFile(
    house.config,
    (await readFile(house.config, 'utf8')).replace(
      `nsname = "ns.${acmeDnsZone}"`,
      'nsname = "else.beispiel.test"',
    ),
  );
  expect((await check()).stdout).toContain(
    `delegates to ns.${acmeDnsZone}, second.${acmeDnsZone}, the configuration says else.beispiel.test`,
  );
});

test('CAA counts for the API certificate; a resolver that fails is no absence of records', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab);
  const { parent, check, delegate } = await parentOf(lab, house);
  await house.serve();
  await house.configure({ api: 'tls = "letsencrypt"' }); // from its next start on
  await delegate();
  await parent.addRecord('beispiel.test CAA 0 issue "other.example"');
  expect((await check()).stdout).toContain(
    'WRONG CAA at beispiel.test: issue "other.example": letsencrypt.org may not issue\n' +
      '      Add to beispiel.test: CAA 0 issue "letsencrypt.org"\n',
  );
  await parent.addRecord('beispiel.test CAA 0 issue "letsencrypt.org; validationmethods=dns-01"');
  expect((await check()).stdout).toContain('ok    CAA at beispiel.test: ');

  const nobody = lab.address();
  const lost = await house.run('check', '--resolver', `${nobody}:${ports.dns}`);
  expect(lost.code).toBe(1);
  expect(lost.stdout).toContain(
    `WRONG beispiel.test NS: the resolver ${nobody}:${ports.dns} says nothing`,
  );
  expect(lost.stdout).not.toContain('no CAA record');
  expect(await house.run('check', '--port', 'dns')).toMatchObject({
    code: 2,
    stderr: "error: --port: 'dns' is no port\n  Write a number from 1 to 65535.\n",
  });
});
