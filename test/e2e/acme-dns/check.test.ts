import { expect, test } from 'vitest';
import {
  openLab,
  ports,
  startNameServer,
  startResolver,
  makeAcmeDns,
  acmeDnsZone,
} from '../../lab/index.js';

test('check says what is missing at the parent, and when all is well', async () => {
  await using lab = await openLab();
  const parent = await startNameServer(lab, ['beispiel.test']);
  await parent.addRecord('beispiel.test NS dns.beispiel.test');
  await parent.addRecord(`dns.beispiel.test A ${parent.address}`);
  const resolver = await startResolver(lab, parent.stubs);
  const house = await makeAcmeDns(lab);
  const check = () =>
    house.run('check', '--resolver', resolver.server, '--port', String(ports.dns));

  const stopped = await check();
  expect(stopped.code).toBe(1);
  expect(stopped.stdout).toContain('ECONNREFUSED');
  expect(stopped.stdout).toContain('delegates no zone');

  await house.serve();
  await parent.addRecord(`${acmeDnsZone} NS ns.${acmeDnsZone}`);
  expect((await check()).stdout).toContain(`the parent has no glue for ns.${acmeDnsZone}`);
  await parent.addRecord(`ns.${acmeDnsZone} A ${house.address}`);
  const done = await check();
  expect(done.stdout).not.toContain('WRONG');
  expect(done.code).toBe(0);
});
