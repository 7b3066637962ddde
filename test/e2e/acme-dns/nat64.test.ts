import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runProgram, systemCode } from '@sixhub/base';
import { expect, test } from 'vitest';
import {
  acmeDnsZone,
  checkoutRoot,
  commandLine,
  makeAcmeDns,
  openLab,
  logSays,
  openNat64Network,
  startDaemon,
  startKnotZone,
  type Lab,
} from '../../lab/index.js';

const parent = 'beispiel.test';
/** IPv4 is all that these two have; this server has IPv6 alone. */
const ipv4Only = { parent: '45.67.89.53', second: '45.67.89.54' } as const;
const vmAddress = '2001:db8:1::2';

async function openHouse(lab: Lab) {
  const network = await openNat64Network(lab, [
    { zone: parent, at: [`${ipv4Only.parent}:53`] },
    { zone: acmeDnsZone, at: [`${vmAddress}:53`] },
  ]);
  const names = [`${acmeDnsZone}. NS ns.${acmeDnsZone}.`, `${acmeDnsZone}. NS ns2.${parent}.`];
  const place = { network: network.vm, address: vmAddress, listen: `[${vmAddress}]:53` };
  const house = await makeAcmeDns(lab, { records: names }, place);
  await house.serve();
  const soa = '@ SOA ns hostmaster 1 3600 600 86400 1';
  const glue = `ns.${acmeDnsZone}. AAAA ${vmAddress}`;
  const serve = (zone: string, address: string, records: readonly string[]) => {
    const text = ['$TTL 60', soa, ...records, ...names, glue, ''].join('\n');
    return startKnotZone(lab, { zone, text, address, port: 53, network: network.world });
  };
  const addresses = [`ns A ${ipv4Only.parent}`, `ns2 A ${ipv4Only.second}`];
  await serve(parent, ipv4Only.parent, ['@ NS ns', ...addresses]);
  await serve(acmeDnsZone, ipv4Only.second, []);
  /** Inside the machine with IPv6 alone. */
  const check = async (resolver: string) => {
    const words = ['check', '-c', house.config, '--resolver', resolver];
    const line = network.vm.inside(process.execPath, commandLine('acme-dns', words));
    const ended = await runProgram(...line);
    if (ended.kind !== 'exited') throw new Error(`acme-dns check: ${ended.kind}`);
    return { ...ended, lines: ended.stdout.split('\n') };
  };
  return { network, check };
}

test('a machine with IPv6 alone asks IPv4-only name servers through NAT64, by UDP and TCP', async () => {
  await using lab = await openLab();
  const { network, check } = await openHouse(lab);
  const { code, lines } = await check(network.dns64);
  const place = `ns2.${parent} at ${ipv4Only.second}:53`;
  const asked = `asked from ${vmAddress} through the NAT64 ${network.prefix}`;
  // None of the addresses that DNS64 made is told: nobody has them.
  expect(lines.filter((line) => line !== '' && !line.includes(`[${vmAddress}]`))).toEqual([
    `ok    ${parent} delegates to ns.${acmeDnsZone}, ns2.${parent}`,
    `ok    ${parent} has no DS record for ${acmeDnsZone}, which is not signed`,
    `ok    ns.${acmeDnsZone}: the parent's glue and this zone say ${vmAddress}`,
    `ok    ${place}: UDP: authoritative, with EDNS (${asked})`,
    `ok    ${place}: TCP: authoritative, with EDNS (${asked})`,
    'ok    no CAA record limits which authority may issue',
  ]);
  expect(code).toBe(0);
});

test('without the prefix they are not tested, and nobody is called dead', async () => {
  await using lab = await openLab();
  const { network, check } = await openHouse(lab);
  const { lines } = await check(network.plainResolver);
  const reason = `this machine has no route to IPv4 addresses like ${ipv4Only.parent}, and the resolver ${network.plainResolver} knows no NAT64 prefix (RFC 7050)`;
  expect(lines).toContain(`?     ${parent} at ${ipv4Only.parent}:53: ${reason}`);
  expect(lines).toContain(
    `?     ${parent}: this machine reaches none of its servers, so that what it says about ${acmeDnsZone} is not known`,
  );
  expect(lines.filter((line) => line.startsWith('WRONG'))).toEqual([]);
});

test('its networks, and all that runs in them, end with a process that is killed', async () => {
  await using lab = await openLab();
  const place = await lab.makeDirectory('killed');
  const module = pathToFileURL(join(checkoutRoot, 'test/dist/lab/index.js')).href;
  const program = `
    import { openLab, openNat64Network } from '${module}';
    const { world, host, vm } = await openNat64Network(await openLab(), []);
    console.log('open', world.pid, host.pid, vm.pid, '.');
    setInterval(() => undefined, 1e6);`;
  const parent = await startDaemon({
    name: 'parent',
    program: process.execPath,
    args: ['--input-type=module', '-e', program],
    logFile: join(place, 'log'),
    ready: logSays(/^open .* \.$/m),
    readyWithinMs: 30_000,
  });
  const holders = /open (.*) \./.exec(await parent.log())?.[1]?.split(' ') ?? [];
  const networks = new Set(holders.map(networkOf));
  const inside = (): readonly string[] =>
    readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && networks.has(networkOf(pid)));
  // The three that keep them, tayga, and two resolvers.
  expect(inside().length).toBeGreaterThanOrEqual(6);
  process.kill(parent.pid, 'SIGKILL'); // itself alone: the kernel does the rest
  await expect.poll(inside, { timeout: 10_000 }).toEqual([]);
});

/** Of a process; empty where it has just ended. */
function networkOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes(systemCode(error) ?? '')) return '';
    throw error;
  }
}
