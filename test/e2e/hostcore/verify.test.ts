import { describe, expect, test } from 'vitest';
import { commandLine, mustBe, openLab, runCommand } from '../../lab/index.js';
import { writeLabFile } from '../../lab/host-machine.js';
import { machineShows, until } from '../../lab/host-network.js';
import { description, modes, openVerified, verified } from './verified.js';

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
  const [mode] = modes;
  if (mode === undefined) throw new Error('no mode');
  const toml = description(mode)
    .replace('dns64.validate = false', 'dns64 = {engine = "unbound", validate = false}')
    .replace('ra.interval = 4', 'ra = {interval = 4, engine = "networkd"}');
  const network = await openVerified(lab, mode, toml);
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

test('what can not be asked for is said, and nothing is tried', async () => {
  await using lab = await openLab();
  const config = await writeLabFile(
    lab,
    'host.toml',
    description(modes[0] ?? { name: '', delivery: 'routed', toml: '' }),
  );
  const refused = async (...words: readonly string[]) =>
    mustBe(2, await runCommand('hostcore', ['verify', '-c', config, ...words]));
  expect((await refused('--ipv4-target', '2001:db8::1:80')).stderr).toContain(
    "--ipv4-target '2001:db8::1:80' is no IPv4 address with a port",
  );
  expect((await refused('--ipv6-target', '[2001:db8::1]')).stderr).toContain('[2001:db8::80]:443');
  expect((await refused('--ipv4-name', 'a..b')).stderr).toContain('is no domain name');
});
