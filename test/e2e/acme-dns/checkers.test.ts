import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '@sixhub/base';
import { expect, test } from 'vitest';
import {
  acmeDnsZone,
  makeAcmeDns,
  openLab,
  openNetwork,
  ports,
  programFile,
  registerAccount,
  runTool,
  startKnot,
  startUnbound,
  updateValue,
  type Lab,
  type Network,
} from '../../lab/index.js';

const loopback = '127.0.0.1';

/** The public checkers' words about the server on port 53 of a network of its own, at `notice` and above. */
async function opinions(lab: Lab, network: Network): Promise<readonly string[]> {
  const place = await lab.makeDirectory('opinions');
  const server = `${acmeDnsZone}/${loopback}`;
  const run = async (name: string, args: readonly string[]): Promise<string> => {
    const ended = await runProgram(...network.inside(programFile(name), args));
    expect(ended).toMatchObject({ kind: 'exited', code: 0 });
    return ended.kind === 'exited' ? ended.stdout : '';
  };
  const zonemaster = await run('zonemaster-cli', [
    ...[acmeDnsZone, '--ns', server, '--no-ipv6', '--level', 'NOTICE', '--test', 'Nameserver'],
  ]);
  expect(zonemaster).toMatch(/^Seconds Level {5}Message/);
  const found = join(place, 'probe.json');
  await run('dnsviz', [
    ...['probe', '-4', '-A', '-a', acmeDnsZone, '-o', found],
    ...['-x', `${acmeDnsZone}+:ns.${acmeDnsZone}=${loopback}`, acmeDnsZone],
  ]);
  expect(await readFile(found, 'utf8')).toContain(`"${acmeDnsZone}.`);
  const dnsviz = await run('dnsviz', ['grok', '-l', 'warning', '-r', found]);
  const said = zonemaster
    .split('\n')
    .slice(2)
    .map((line) => line.replace(/^ *[\d.]+ /, ''));
  const descriptions = [...dnsviz.matchAll(/"description": "([^"]+)"/g)].map(
    ([, text]) => `dnsviz: ${text}`,
  );
  return [
    ...said.filter((line) => line !== '' && line !== 'Looks OK.'),
    ...descriptions,
  ].toSorted();
}

test('zonemaster and dnsviz find no more than they find at Knot', async () => {
  await using lab = await openLab();
  const ours = await openNetwork(lab);
  const listen = `${loopback}:53`;
  const house = await makeAcmeDns(lab, {}, { network: ours, address: loopback, listen });
  await house.serve();
  const theirs = await openNetwork(lab);
  await startKnot(lab, { address: loopback, port: 53, records: [], network: theirs });
  const atKnot = await opinions(lab, theirs);
  const here = await opinions(lab, ours);
  expect(here.filter((line) => !atKnot.includes(line))).toEqual([]);
});

test('a resolver with random case and strict minimisation of names gets every answer', async () => {
  await using lab = await openLab();
  const house = await makeAcmeDns(lab, { records: [`deep.empty.${acmeDnsZone}. TXT "there"`] });
  await house.serve();
  const account = await registerAccount(house);
  await updateValue(house, account, 'v'.repeat(43));
  const strict = await startUnbound(
    lab,
    'strict-resolver',
    () => `server:
  use-caps-for-id: yes
  qname-minimisation: yes
  qname-minimisation-strict: yes
  local-zone: "${acmeDnsZone}" transparent
stub-zone:
  name: "${acmeDnsZone}"
  stub-addr: ${house.address}@${ports.dns}`,
  );
  const dig = (name: string): Promise<string> =>
    runTool('dig', [`@${strict.address}`, '-p', String(ports.dns), name, 'TXT']);
  expect(await dig(account.fulldomain)).toContain(`"${'v'.repeat(43)}"`);
  expect(await dig(`deep.empty.${acmeDnsZone}`)).toContain('"there"');
  expect(await dig(`empty.${acmeDnsZone}`)).toContain('status: NOERROR');
  expect(await dig(`no.body.${acmeDnsZone}`)).toContain('status: NXDOMAIN');
});
