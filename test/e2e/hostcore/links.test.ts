import { expect, test } from 'vitest';
import { openLab, type HostMachine, type Lab } from '../../lab/index.js';
import { openHostMachine, writeLabFile } from '../../lab/host-machine.js';
import { machineShows, until } from '../../lab/host-network.js';
import { logSays } from '../../lab/fact.js';
import { programFile } from '../../lab/program-file.js';

/** Two hosts of one file with a cable of their own between them: each tells the other what is behind it. */
const estate = (engine: string): string =>
  ['a', 'b']
    .map(
      (name, index) => `[host.phy${name}]
release = "debian12"
manager = "networkd"
uplink.device = "eth0"
ipv6 = {network = "2a01:4f8:1:${index}::/64", address = "2a01:4f8:1:${index}::17"}
ra = {interval = 4, resolvers = ["2a01:4f8:0:1::53"], engine = "${engine}"}
link.eth1 = {announce = ["2a01:4f8:1:${index}::/64"], accept = true}
`,
    )
    .join('');

test.each(['radvd', 'networkd'])(
  'hosts tell each other their networks over a second card (%s), and go there directly',
  async (engine) => {
    await using lab = await openLab();
    const [a, b] = [await openHostMachine(lab, 'phya'), await openHostMachine(lab, 'phyb')];
    await a.shell(`ip link add eth1 type veth peer name eth1 netns ${b.pid}`);
    const config = await writeLabFile(lab, 'host.toml', estate(engine));
    for (const host of [a, b]) await build(lab, host, config, engine);
    const [toA, toB] = ['2a01:4f8:1:0::17', '2a01:4f8:1:1::17'];
    const route = (network: string): RegExp =>
      new RegExp(`${network} via fe80:\\S+ dev eth1 proto ra`);
    await until(a, 'ip', ['-6', 'route'], route('2a01:4f8:1:1::/64'));
    await until(b, 'ip', ['-6', 'route'], route('2a01:4f8:1::/64'));
    await until(a, 'ping', ['-c', '1', '-W', '1', toB], /1 received/);
    await until(b, 'ping', ['-c', '1', '-W', '1', toA], /1 received/);
    // Nobody's default router.
    expect(await a.shell('ip -6 route show default')).not.toContain('eth1');
  },
  60_000,
);

async function build(lab: Lab, host: HostMachine, config: string, engine: string): Promise<void> {
  await host.shell('ip link add eth0 type veth peer name provider && ip link set provider up');
  const place = `${lab.directory}/rendered-${host.name}`;
  const words = ['render', '-c', config, '--host', host.name, '-o', place];
  expect(await host.hostcore(...words)).toMatchObject({ code: 0 });
  await host.shell(`cp -r ${place}/etc/. /etc/`);
  const shows = machineShows(host, 'ip -6 address show dev br0', /::17\/64/);
  const networkd = await host.start('networkd', '/lib/systemd/systemd-networkd', [], shows);
  expect(await networkd.log()).not.toMatch(/Unknown/i);
  await host.shell('sysctl -q -p /etc/sysctl.d/90-sixhub.conf');
  if (engine === 'networkd') return;
  const radvd = programFile('radvd');
  await host.start('radvd', radvd, ['-n', '-m', 'stderr', '-d', '1'], logSays(/started/));
}
