import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  commandLine,
  listensAtSocket,
  mustBe,
  openLab,
  openNat64Network,
  runCommand,
  startDaemon,
  startKnotZone,
  type Lab,
  type Nat64Network,
} from '../../lab/index.js';
import { hubZone } from './practice.js';

/** IPv4 is all that these have; the hub's machine has IPv6 alone. */
const ipv4 = { org: '45.67.89.60', example: '45.67.89.61', beispiel: '45.67.89.62' } as const;
const vmAddress = '2001:db8:1::2';
const cnameOwner = '_acme-challenge.example.org';

async function serve(
  lab: Lab,
  network: Nat64Network,
  zone: string,
  address: string,
  lines: readonly string[],
) {
  const text = [
    '$TTL 60',
    '@ SOA ns hostmaster 1 3600 600 86400 1',
    '@ NS ns',
    `ns A ${address}`,
    ...lines,
    '',
  ];
  return startKnotZone(lab, {
    zone,
    text: text.join('\n'),
    address,
    port: 53,
    network: network.world,
  });
}

/** A hub in the machine with IPv6 alone, which asks `resolver`; commands reach it through its socket. */
async function startHub(lab: Lab, network: Nat64Network, resolver: string) {
  const place = await lab.makeDirectory('hub');
  const config = join(place, 'hub.toml');
  const socket = join(place, 'hub.sock');
  await writeFile(
    config,
    `state = "${join(place, 'state')}"
socket = "${socket}"
[acme_dns]
domain = "${hubZone}"
addresses = ["${vmAddress}"]
listen = ["[${vmAddress}]:53"]
[agents]
listen = ["[${vmAddress}]:8444"]
addresses = ["https://[${vmAddress}]:8444"]
[api]
listen = []
[resolver]
servers = ["${resolver}"]
[[authority]]
name = "nobody"
directory = "https://[${vmAddress}]:9/directory"
`,
  );
  const run = (...words: readonly string[]) => runCommand('hub', [...words, '--config', config]);
  await mustBe(0, await run('init'));
  const [program, args] = network.vm.inside(
    process.execPath,
    commandLine('hub', ['serve', '--config', config]),
  );
  const logFile = join(place, 'log');
  const daemon = await startDaemon({
    name: 'hub',
    program,
    args,
    logFile,
    ready: listensAtSocket(socket),
  });
  lab.own(daemon);
  const asked = await run('issue', 'example.org', '--wait-delegation', '0');
  return { run, asked, daemon };
}

async function openHouse(lab: Lab) {
  const network = await openNat64Network(lab, [
    { zone: 'org', at: [`${ipv4.org}:53`] },
    { zone: 'example.org', at: [`${ipv4.example}:53`] },
    { zone: 'beispiel.test', at: [`${ipv4.beispiel}:53`] },
    { zone: hubZone, at: [`${vmAddress}:53`] },
  ]);
  await serve(lab, network, 'org', ipv4.org, [
    'example.org. NS ns.example.org.',
    `ns.example.org. A ${ipv4.example}`,
  ]);
  await serve(lab, network, 'beispiel.test', ipv4.beispiel, [
    `${hubZone}. NS ${hubZone}.`,
    `${hubZone}. AAAA ${vmAddress}`,
  ]);
  return { network, example: await serve(lab, network, 'example.org', ipv4.example, []) };
}

test('a hub with IPv6 alone walks to IPv4-only name servers through NAT64, and finds its CNAME there', async () => {
  await using lab = await openLab();
  const { network, example } = await openHouse(lab);
  const { run, asked } = await startHub(lab, network, network.dns64);
  const target = /value {2}(\S+)/.exec(asked.stderr)?.[1];
  expect(asked.stderr).toContain('it is not there at ns.example.org');
  const missing = await run('doctor', 'example.org');
  expect(missing.stdout).toContain(
    `ok    IPv4: through the NAT64 of this network, ${network.prefix}`,
  );
  expect(missing.stdout).toContain(`WRONG the CNAME is not at ns.example.org at ${ipv4.example}`);

  await example.serve(
    `$TTL 60\n@ SOA ns hostmaster 2 3600 600 86400 1\n@ NS ns\nns A ${ipv4.example}\n${cnameOwner}. CNAME ${target}.\n`,
  );
  const found = await run('doctor', 'example.org');
  const lines = found.stdout.split('\n').map((line) => line.trim());
  expect(lines).toContain(
    `ok    ns.example.org at ${ipv4.example} answers for example.org, over UDP and TCP`,
  );
  expect(lines).toContain(
    'ok    the CNAME is at the one address of its name servers that could be asked',
  );
  expect(lines).toContain(
    `ok    a value published a moment ago is seen at ${cnameOwner} through the resolver`,
  );
  // Whether an authority can ask a name server with IPv6 alone is said, and that of this one nothing is known.
  expect(found.stdout).toContain(
    `look  ${hubZone} has IPv6 alone; whether [${vmAddress}]:9 can ask`,
  );
  expect(found.stdout).not.toContain('64:ff9b::2d43');
});

test('where its network has no NAT64 they are not tested, and nothing is called missing', async () => {
  await using lab = await openLab();
  const { network, example } = await openHouse(lab);
  const { run, asked } = await startHub(lab, network, network.plainResolver);
  const target = /value {2}(\S+)/.exec(asked.stderr)?.[1];
  await example.serve(
    `$TTL 60\n@ SOA ns hostmaster 2 3600 600 86400 1\n@ NS ns\nns A ${ipv4.example}\n${cnameOwner}. CNAME ${target}.\n`,
  );
  const { stdout } = await run('doctor', 'example.org');
  const domain = stdout.slice(stdout.indexOf('\nexample.org\n'));
  expect(domain).toMatch(
    /\?\s+ns\.example\.org at 45\.67\.89\.61: this machine has no route to IPv4/,
  );
  expect(domain).toContain(
    'ok    the CNAME is there, as the resolver says; no name server could be asked',
  );
  expect(domain).toContain('?     no server of org told whether example.org is signed (DS)');
  expect(domain).not.toContain('WRONG');
});
