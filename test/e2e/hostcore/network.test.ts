import { expect, test } from 'vitest';
import { openHostNetwork, openLab, type HostMachine } from '../../lab/index.js';
import { hostNet, startVms, until } from '../../lab/host-network.js';
import { writeLabFile } from '../../lab/host-machine.js';
import { logSays } from '../../lab/fact.js';
import { programFile } from '../../lab/program-file.js';
import { build } from './build.js';

const usual = `[host.merlin]
release = "debian12"
domain = "example.test"
resolvers = ["${hostNet.resolver}"]
uplink = {device = "eno1", mac = "${hostNet.card}"}
ipv6 = {network = "${hostNet.network}", seed = "0123456789abcdef"}
ipv4 = {address = "${hostNet.host4}", gateway = "${hostNet.gateway4}", networks = ["45.67.91.7/32"]}
nat64 = {}
dns64.validate = false
ra.interval = 4
extras.kvm = false
vm.hub.mac = "${hostNet.vmMacs[0]}"
vm.mail = {mac = "${hostNet.vmMacs[1]}", ipv4 = "45.67.91.7"}
`;
const bridged = usual.replace(`"${hostNet.card}"}`, `"${hostNet.card}", mode = "bridged"}`);

test.each([
  ['routed-link-local', usual],
  ['bridged', bridged],
])(
  '%s: a VM with an IPv4 address of its own, by the file for its side, is reached and reaches',
  async (_, toml) => {
    await using lab = await openLab();
    const network = await openHostNetwork(lab, { delivery: 'routed' });
    const { host, provider, vms } = network;
    await build(lab, network, toml);
    await startVms(network);
    const [, mail] = vms;
    const guest = await writeLabFile(
      lab,
      'guest.network',
      await host.shell('cat /etc/sixhub/guests/mail/10-sixhub.network'),
    );
    await mail.shell(`cp ${guest} /etc/systemd/network/10-sixhub.network`);
    await mail.start(
      'networkd',
      '/lib/systemd/systemd-networkd',
      [],
      logSays(/ens3: Gained carrier|ens3: Link UP/),
    );
    await provider.shell(`ip route add 45.67.91.7 via ${hostNet.host4}`);
    await until(
      mail,
      'ip',
      ['-6', 'address', 'show', 'dev', 'ens3'],
      new RegExp(`${hostNet.vmAddresses[1]}/64`),
    );
    await until(provider, 'ping', ['-c', '1', '-W', '1', '45.67.91.7'], /1 received/);
    await until(mail, 'curl', ['-s', '-m', '3', `http://${hostNet.web4}/`], /asked by 45.67.91.7/);
    await until(
      mail,
      'curl',
      ['-s', '-m', '3', '-g', `http://[${hostNet.web6}]/`],
      new RegExp(`asked by ${hostNet.vmAddresses[1]}`),
    );
  },
  120_000,
);

test('a router without VMs serves a machine behind a card', async () => {
  await using lab = await openLab();
  const network = await openHostNetwork(lab, { delivery: 'routed' });
  const { host, vms } = network;
  const toml = usual.replace(/^vm\..*\n/gm, '') + 'inside = {device = "vnet0", bridge = false}\n';
  await build(lab, network, toml);
  const [machine] = vms;
  await machine.shell('ip link set ens3 up');
  await until(
    machine,
    'ip',
    ['-6', 'address', 'show', 'dev', 'ens3'],
    new RegExp(`${hostNet.vmAddresses[0]}/64`),
  );
  await until(
    machine,
    'curl',
    ['-s', '-m', '3', '-g', 'http://[64:ff9b::2d43:5950]/'],
    new RegExp(`asked by ${hostNet.host4}`),
  );
  const plan = JSON.parse(Object(await host.hostcore('plan', '--json')).stdout);
  expect(plan).toMatchObject({ files: [], kernel: [] });
}, 120_000);

test('a VM that advertises itself as a router is heard by nobody; without the guard it would be', async () => {
  await using lab = await openLab();
  const network = await openHostNetwork(lab, { delivery: 'routed' });
  const { host, vms } = network;
  await build(lab, network, usual);
  await startVms(network);
  const [rogue, victim] = vms;
  const config = await writeLabFile(
    lab,
    'rogue.conf',
    'interface ens3 { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; prefix fd00:bad::/64 {}; };\n',
  );
  await rogue.shell('echo 1 > /proc/sys/net/ipv6/conf/all/forwarding');
  await rogue.start(
    'radvd',
    programFile('radvd'),
    ['-n', '-m', 'stderr', '-d', '1', '-C', config],
    logSays(/started/),
  );
  // It has been dropped: counted, in the chain between ports.
  await until(
    host,
    'nft',
    ['list', 'chain', 'bridge', 'sixhub_guard', 'forward'],
    /nd-router-advert.* packets [1-9]/,
  );
  expect(await victim.shell('ip -6 address show dev ens3')).not.toContain('fd00:bad');
  await host.shell('nft delete table bridge sixhub_guard');
  await until(victim, 'ip', ['-6', 'address', 'show', 'dev', 'ens3'], /fd00:bad/);
  const plan = JSON.parse(Object(await host.hostcore('plan', '--json')).stdout);
  expect(plan.kernel).toMatchObject([
    { kind: 'rules', action: 'add', subject: 'table bridge sixhub_guard' },
  ]);
}, 120_000);

test('bridged, without the rules, leaks: what the tests look for is there to be seen', async () => {
  await using lab = await openLab();
  const network = await openHostNetwork(lab, { delivery: 'routed' });
  const { host, vms, provider } = network;
  await build(lab, network, bridged);
  await startVms(network);
  await host.shell('nft delete table bridge sixhub_guard');
  const [hub] = vms;
  await until(hub, 'curl', ['-s', '-m', '3', '-g', `http://[${hostNet.web6}]/`], /asked by/);
  await seesForeign(provider);
  const lint = JSON.parse(Object(await host.hostcore('lint', '--json')).stdout);
  const ids = lint.findings.map(({ id }: { readonly id: string }) => id);
  expect(ids.filter((id: string) => id === 'leak')).toHaveLength(2);
}, 120_000);

/** A frame with the MAC address of a VM, or a router advertisement of ours, at the provider. */
async function seesForeign(provider: HostMachine): Promise<void> {
  const foreign = `(not ether src ${hostNet.card} and not ether src ${hostNet.providerMac}) or (icmp6 and ip6[40] == 134)`;
  const shown = await provider.must('timeout', [
    '20',
    'tcpdump',
    '-i',
    'host0',
    '-e',
    '-n',
    '-c',
    '1',
    foreign,
  ]);
  expect(shown).toMatch(/ethertype IPv6/);
}
