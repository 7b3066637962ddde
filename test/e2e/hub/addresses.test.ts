import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { olderNode } from '@sixhub/agent/testing';
import { programFailure, runProgram } from '@sixhub/base';
import { expect, test } from 'vitest';
import {
  commandLine,
  listensAtSocket,
  makeAgent,
  mustBe,
  openLab,
  openNetwork,
  programFile,
  runCommand,
  startDaemon,
  type Lab,
} from '../../lab/index.js';

/** Of the hub, at its own loopback; packets to the silent ones go out through a cable and never come back. */
const six = '2001:db8:6::1';
const four = '192.0.2.1';
const silentSix = '2001:db8:5::dead';
const silentFour = '203.0.113.9';
const port = 8444;
const hubName = 'hub.beispiel.test';

const cables = `
link add out0 type veth peer name out1
link set out0 up
link set out1 up
address add 2001:db8:5::1/64 dev out0 nodad
address add 203.0.113.1/24 dev out0
neighbour add ${silentSix} lladdr 02:00:00:00:00:02 dev out0
neighbour add ${silentFour} lladdr 02:00:00:00:00:02 dev out0
address add ${six}/128 dev lo nodad
address add ${four}/32 dev lo
`;

async function openGround(lab: Lab) {
  const network = await openNetwork(lab);
  const inside = async (program: string, args: readonly string[], input = '') => {
    const result = await runProgram(...network.inside(program, args), { input, timeoutMs: 50_000 });
    if (result.kind !== 'exited') throw new Error(programFailure(result));
    return result;
  };
  const set = await inside(programFile('ip', 'iproute2'), ['-batch', '-'], cables);
  if (set.code !== 0) throw new Error(set.stderr);

  const place = await lab.makeDirectory('hub');
  const config = join(place, 'hub.toml');
  const socket = join(place, 'hub.sock');
  await writeFile(
    config,
    `state = "${join(place, 'state')}"
socket = "${socket}"
[acme_dns]
domain = "acme-dns.beispiel.test"
addresses = ["${six}"]
listen = ["[${six}]:53"]
[agents]
listen = ["[::]:${port}"]
addresses = ["https://${hubName}:${port}"]
[api]
listen = []
[resolver]
servers = ["[${six}]:53"]
[[authority]]
name = "nobody"
directory = "https://[${six}]:9/directory"
`,
  );
  const hub = (...words: readonly string[]) => runCommand('hub', [...words, '--config', config]);
  await mustBe(0, await hub('init'));
  const [program, args] = network.inside(
    process.execPath,
    commandLine('hub', ['serve', '--config', config]),
  );
  const logFile = join(place, 'log');
  const ready = listensAtSocket(socket);
  lab.own(await startDaemon({ name: 'hub', program, args, logFile, ready }));

  const house = await makeAgent(lab, 'web');
  const hosts = join(place, 'hosts');
  /** In a mount namespace of its own, in which the hub's name has these addresses, in this order. */
  const agent = async (
    words: readonly string[],
    addresses: readonly string[],
    { input = '', node = process.execPath }: { input?: string; node?: string } = {},
  ) => {
    await writeFile(hosts, addresses.map((address) => `${address} ${hubName}\n`).join(''));
    const command = [node, ...commandLine('hub-agent', [...words, '--config', house.config])];
    const script = 'mount --bind "$0" /etc/hosts && exec "$@"';
    const start = performance.now();
    const mounted = ['--mount', '/bin/sh', '-c', script, hosts, ...command];
    const result = await inside(programFile('unshare', 'util-linux'), mounted, input);
    return { ...result, milliseconds: performance.now() - start };
  };
  const enrolled = async (addresses: readonly string[]) => {
    const { stdout: input } = await mustBe(0, await hub('agent', 'add', 'web'));
    const done = await agent(['enroll'], addresses, { input });
    expect(done, done.stderr).toMatchObject({ code: 0 });
  };
  return { hub, house, agent, enrolled, inside };
}

test('of a name with both, IPv6 is taken, whichever the resolver has first', async () => {
  await using lab = await openLab();
  const { hub, enrolled } = await openGround(lab);
  await enrolled([four, six]);
  const log = await mustBe(0, await hub('audit', 'list', '--json'));
  expect(log.stdout).toMatch(new RegExp(`"actor":"${six}","action":"agent.enrol"`));
});

test('an address that swallows packets costs a quarter of a second, not the run', async () => {
  await using lab = await openLab();
  const { agent, enrolled, house } = await openGround(lab);
  await enrolled([silentSix, four]);
  const quick = await agent(['run'], [six]);
  expect(quick).toMatchObject({ code: 0 });
  for (const node of [process.execPath, await olderNode()]) {
    const none = await agent(['run'], [six], { node });
    const run = await agent(['run'], [silentSix, four], { node });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    expect(run.milliseconds - none.milliseconds).toBeLessThan(3_000);
  }
  // As is one of several hubs, by an address in the place of a name.
  const file = join(house.state, 'identity.json');
  const identity: unknown = JSON.parse(await readFile(file, 'utf8'));
  const hubs = [`https://[${silentSix}]:${port}`, `https://[${six}]:${port}`];
  await writeFile(file, JSON.stringify(Object.assign({}, identity, { hubs })), { mode: 0o600 });
  const run = await agent(['run'], []);
  expect(run, run.stderr).toMatchObject({ code: 0 });
  expect(run.milliseconds - quick.milliseconds).toBeLessThan(3_000);
});

test('a path whose first packets are lost is not given up after that quarter of a second', async () => {
  await using lab = await openLab();
  const { agent, enrolled, inside } = await openGround(lab);
  await enrolled([six]);
  const drop = `nft 'add table inet t; add chain inet t in { type filter hook input priority 0; }; add rule inet t in tcp dport ${port} drop' && (sleep 2.5; nft delete table inet t) >/dev/null 2>&1 &`;
  expect(await inside('/bin/sh', ['-c', drop])).toMatchObject({ code: 0 });
  const run = await agent(['run'], [six, silentFour]);
  expect(run, run.stderr).toMatchObject({ code: 0 });
});

test('where nobody answers it says of each address why, and does not wait for one after the other', async () => {
  await using lab = await openLab();
  const { agent, enrolled } = await openGround(lab);
  await enrolled([six]);
  const run = await agent(['run'], [silentSix, silentFour, 'fe80::1']);
  expect(run.code).toBe(4);
  expect(run.stderr).toContain(`(${silentSix}): no answer`);
  expect(run.stderr).toContain(`(${silentFour}): no answer`);
  expect(run.stderr).toContain('(fe80::1): a link-local address says nothing without an interface');
  expect(run.milliseconds).toBeLessThan(15_000);
});
