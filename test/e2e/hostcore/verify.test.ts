import { olderNode } from '@sixhub/agent/testing';
import { describe, expect, test } from 'vitest';
import { commandLine, mustBe, openHostNetwork, openLab, runCommand } from '../../lab/index.js';
import { writeLabFile } from '../../lab/host-machine.js';
import { hostNet, machineShows, startVms, until } from '../../lab/host-network.js';
import { build } from './build.js';
import { modes } from './uplink-modes.js';
import { description, laboratory, openVerified, verified } from './verified.js';

const [first] = modes;
if (first === undefined) throw new Error('no mode');

describe('on a right host, nothing is wrong', () => {
  test.each(modes)(
    '$name',
    async (mode) => {
      await using lab = await openLab();
      const network = await openVerified(lab, mode);
      const before = await network.host.shell(
        'ip link; ip -6 neigh show proxy; ip route; ip -6 route',
      );
      const findings = await verified(network, 0);
      expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
      expect(findings.map(({ id }) => id).sort()).toMatchInlineSnapshot(`
        [
          "client-address",
          "client-nat64-route",
          "client-router",
          "dns64",
          "dns64-kept",
          "forwarding",
          "ipv6",
          "leak",
          "nat64",
          "own-advertisement",
          "ra",
          "resolver-closed",
          "vm-ipv4:mail",
          "vm:hub",
          "vm:mail",
        ]
      `);
      const after = await network.host.shell(
        'ip link; ip -6 neigh show proxy; ip route; ip -6 route',
      );
      expect(after).toBe(before);
    },
    60_000,
  );
});

test('unbound and networkd in place of BIND and radvd', async () => {
  await using lab = await openLab();
  const toml = description(first)
    .replace('dns64.validate = false', 'dns64 = {engine = "unbound", validate = false}')
    .replace('ra.interval = 4', 'ra = {interval = 4, engine = "networkd"}');
  const network = await openVerified(lab, first, toml);
  const findings = await verified(network, 0);
  expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
}, 60_000);

test('killed at any moment, it leaves nothing behind', async () => {
  await using lab = await openLab();
  const mode = modes.find(({ name }) => name === 'on-link, by the kernel');
  if (mode === undefined) throw new Error('no mode');
  const network = await openVerified(lab, mode);
  const { host } = network;
  const look = 'ip -br link | grep -c "^sh[cs]" || true';
  for (const [index, sign] of ['shc', 'shs', 'shc', 'shc'].entries()) {
    // It is killed as soon as its device shows, or as it stands in the bridge.
    const shows = index < 2 ? `ip -br link | grep -q ^${sign}` : 'bridge link | grep -q shc';
    const [program = '', ...words] = [process.execPath, ...commandLine('hostcore', ['verify'])];
    const running = await host.start(
      `verify-${index}`,
      program,
      words,
      machineShows(host, `${shows} && echo there`, /there/),
    );
    await running.kill();
    await until(host, '/bin/sh', ['-c', look], /^0$/m);
  }
  // What the kernel does not take away by itself, the next one does: it knows whose it was.
  await verified(network, 0);
  expect(await host.shell('ip -6 neigh show proxy | grep 73:68ff || true')).toBe('');
}, 60_000);

const states = (findings: readonly { readonly id: string; readonly state: string }[]) =>
  Object.fromEntries(findings.map(({ id, state }) => [id, state]));

test("on the oldest Node that it is made for, its workers' among it", async () => {
  await using lab = await openLab();
  const network = await openVerified(lab, first);
  const words = commandLine('hostcore', ['verify', '--json', ...laboratory]);
  const result = await network.host.run(await olderNode(), words);
  expect(result, JSON.stringify(result)).toMatchObject({ kind: 'exited', code: 0, stderr: '' });
  expect(JSON.parse(Object(result).stdout).counts).toMatchObject({ wrong: 0, 'not tested': 0 });
}, 60_000);

test('two at once do not disturb each other', async () => {
  await using lab = await openLab();
  const network = await openVerified(lab, first);
  const both = await Promise.all([verified(network, 0), verified(network, 0)]);
  for (const findings of both) expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
}, 60_000);

test('without tcpdump, what it would have seen is not tested, and the rest is', async () => {
  await using lab = await openLab();
  const network = await openVerified(lab, first);
  await network.host.shell('mount --bind /dev/null $(command -v tcpdump)');
  const findings = await verified(network, 0);
  const blind = findings.filter(({ state }) => state !== 'ok');
  expect(states(blind)).toEqual({ ra: 'not tested', leak: 'not tested' });
  for (const { cause } of blind) expect(cause).toContain('tcpdump');
}, 60_000);

test('on a router without a bridge, what needs one is not tested', async () => {
  await using lab = await openLab();
  const network = await openHostNetwork(lab, first);
  const toml = `${description(first).replace(/^vm\..*\n/gm, '')}inside = {device = "vnet0", bridge = false}\n`;
  await build(lab, network, toml);
  const [machine] = network.vms;
  await machine.shell('ip link set ens3 up');
  await until(network.host, 'ip', ['link', 'show', 'vnet0'], /LOWER_UP/);
  expect(states(await verified(network, 0))).toEqual({
    ...{ ra: 'not tested', client: 'not tested', dns64: 'not tested', reach: 'not tested' },
    ...{ 'resolver-closed': 'ok', forwarding: 'ok', 'own-advertisement': 'ok' },
    leak: 'not tested',
  });
}, 60_000);

test.each([
  ['radvd', 'ra.interval = 4'],
  ['radvd, seldom', 'ra.interval = 600'],
  ['networkd', 'ra = {interval = 4, engine = "networkd"}'],
])(
  'before there is a VM, the bridge has no carrier, and all is right all the same (%s)',
  async (_, ra) => {
    await using lab = await openLab();
    const network = await openHostNetwork(lab, first);
    const toml = description(first)
      .replace(/^vm\..*\n/gm, '')
      .replace('ra.interval = 4', ra);
    await build(lab, network, toml);
    expect(await network.host.shell('ip link show br0')).toContain('NO-CARRIER');
    const findings = await verified(network, 0);
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
  },
  60_000,
);

test('a host with a bridge and IPv6 alone is judged by what it has', async () => {
  await using lab = await openLab();
  const network = await openHostNetwork(lab, first);
  const lines = description(first).split('\n');
  const toml = lines.filter((line) => !/^(?:ipv4|nat64|dns64|ra|vm\.mail)/.test(line)).join('\n');
  await build(lab, network, toml);
  await startVms(network);
  const [hub] = network.vms;
  const own = [`${hostNet.vmAddresses[0]}/64`, 'dev', 'ens3', 'nodad'];
  await hub.must('ip', ['address', 'add', ...own]);
  await hub.must('ip', ['route', 'add', 'default', 'via', 'fe80::1', 'dev', 'ens3']);
  const findings = states(await verified(network, 1));
  // Its router is nobody: what comes from outside is not answered.
  expect(findings).toEqual({
    ...{ ra: 'ok', ipv6: 'ok', 'vm:hub': 'ok', 'vm-inward:hub': 'wrong' },
    ...{ forwarding: 'ok', 'own-advertisement': 'ok', leak: 'ok' },
  });
}, 60_000);

test('what can not be asked for is said, and nothing is tried', async () => {
  await using lab = await openLab();
  const config = await writeLabFile(lab, 'host.toml', description(first));
  const refused = async (...words: readonly string[]) =>
    mustBe(2, await runCommand('hostcore', ['verify', '-c', config, ...words]));
  expect((await refused('--ipv4-target', '2001:db8::1:80')).stderr).toContain(
    "--ipv4-target '2001:db8::1:80' is no IPv4 address with a port",
  );
  expect((await refused('--ipv6-target', '[2001:db8::1]')).stderr).toContain('[2001:db8::80]:443');
  expect((await refused('--ipv4-name', 'a..b')).stderr).toContain('is no domain name');
});
