import { describe, expect, test } from 'vitest';
import { openLab, openHostNetwork, type HostNetwork } from '../../lab/index.js';
import { hostNet, startVms, until } from '../../lab/host-network.js';
import { build } from './build.js';
import { modes as usualModes, type Mode } from './uplink-modes.js';
import { logSays } from '../../lab/fact.js';
import { programFile } from '../../lab/program-file.js';

/**
 * What is rendered, taken by the real daemons on a machine in namespaces, with no change by hand; then packets, from a VM
 * that has IPv6 alone.
 */
const modes: readonly Mode[] = [
  ...usualModes,
  { name: 'bridged, on-link', delivery: 'on-link', toml: 'uplink.mode = "bridged"' },
];

const managers = ['networkd', 'netplan'] as const;

function description(mode: Mode, manager: string, engines: string): string {
  return `[host.merlin]
release = "debian12"
manager = "${manager}"
domain = "example.test"
resolvers = ["${hostNet.resolver}"]
uplink.device = "eno1"
uplink.mac = "${hostNet.card}"
ipv6.network = "${mode.network ?? hostNet.network}"
ipv6.seed = "0123456789abcdef"
ipv4.address = "${hostNet.host4}"
ipv4.gateway = "${hostNet.gateway4}"
ipv4.networks = ["45.67.91.7/32"]
${mode.toml}
nat64 = {}
relay.to = "hub"
extras.kvm = false
${engines}
[host.merlin.vm.hub]
mac = "${hostNet.vmMacs[0]}"
[host.merlin.vm.mail]
mac = "${hostNet.vmMacs[1]}"
ipv4 = "45.67.91.7"
`;
}

const usual = 'dns64.validate = false\nra = {interval = 4}';
const others =
  'dns64 = {engine = "unbound", validate = false}\nra = {engine = "networkd", interval = 4}';

describe.each(managers)('%s', (manager) => {
  test.each(modes.filter(({ toml }) => manager === 'networkd' || !toml.includes('kernel')))(
    '$name: a VM with IPv6 alone fetches from a server with IPv4 alone',
    async (mode) => {
      await using lab = await openLab();
      const network = await openHostNetwork(lab, mode);
      await build(lab, network, description(mode, manager, usual));
      await startVms(network);
      await provenByPackets(network);
      await nothingLeaks(network);
      await asDescribed(network);
    },
    120_000,
  );

  test('unbound and networkd in place of BIND and radvd', async () => {
    await using lab = await openLab();
    const [mode] = modes;
    if (mode === undefined) throw new Error('no mode');
    const network = await openHostNetwork(lab, mode);
    await build(lab, network, description(mode, manager, others));
    await startVms(network);
    await provenByPackets(network);
    await asDescribed(network);
  }, 120_000);
});

async function provenByPackets({ vms, provider }: HostNetwork): Promise<void> {
  for (const [index, vm] of vms.entries()) {
    const own = new RegExp(`${hostNet.vmAddresses[index]}/64.*dynamic`);
    await until(vm, 'ip', ['-6', 'address', 'show', 'dev', 'ens3'], own);
  }
  const [hub] = vms;
  const advertised = await until(hub, 'rdisc6', ['-1', 'ens3'], /Recursive DNS server\s*: \S+/);
  const resolver = /Recursive DNS server\s*: (\S+)/.exec(advertised)?.[1] ?? '';
  expect(advertised).toMatch(/Route\s*: 64:ff9b::\/96/);
  expect(advertised).toMatch(/DNS search list\s*: example.test/);
  const ask = (name: string) =>
    until(hub, 'dig', ['+short', '+tries=1', '+time=2', `@${resolver}`, 'AAAA', name], /:/);
  const four = (await ask('v4only.lab')).trim();
  expect(four).toBe('64:ff9b::2d43:5950');
  expect((await ask('both.lab')).trim()).toBe(hostNet.web6);
  const fetch = (address: string, shows: RegExp) =>
    until(hub, 'curl', ['-s', '-m', '3', '-g', `http://[${address}]/`], shows);
  // IPv4 sees the host, IPv6 the VM itself.
  await fetch(four, new RegExp(`asked by ${hostNet.host4}`));
  await fetch(hostNet.web6, new RegExp(`asked by ${hostNet.vmAddresses[0]}`));
  // The resolver is nobody's outside.
  const outside = await provider
    .must('dig', ['+short', '+tries=1', '+time=1', `@${resolver}`, 'AAAA', 'both.lab'])
    .catch(() => '');
  expect(outside).not.toContain(hostNet.web6);
  await relayed(provider, hub);
}

/** Port 53 of the host's IPv4 address is the hub VM. */
async function relayed(provider: HostNetwork['provider'], hub: HostNetwork['host']): Promise<void> {
  const config = '/etc/unbound/relayed.conf';
  await hub.shell(
    `printf 'server:\\n chroot: ""\\n username: ""\\n pidfile: ""\\n use-syslog: no\\n verbosity: 1\\n interface: ::\\n access-control: ::/0 allow\\n directory: "/run"\\n local-zone: "acme.lab." static\\n local-data: "acme.lab. 60 TXT told"\\n' > ${config}`,
  );
  await hub.start(
    'relayed',
    programFile('unbound'),
    ['-d', '-p', '-c', config],
    logSays(/start of service/),
  );
  for (const transport of ['+notcp', '+tcp']) {
    const words = [
      '+short',
      '+tries=1',
      '+time=2',
      transport,
      `@${hostNet.host4}`,
      'TXT',
      'acme.lab',
    ];
    expect(await until(provider, 'dig', words, /told/)).toContain('told');
  }
}

/** A second look finds nothing to do, by the files and by the kernel. */
async function asDescribed({ host }: HostNetwork): Promise<void> {
  const seen = await host.hostcore('plan', '--json');
  if (seen.kind !== 'exited') throw new Error('plan did not end');
  const plan: Readonly<Record<string, unknown>> = JSON.parse(seen.stdout);
  expect(plan).toMatchObject({ files: [], kernel: [], services: [], rulesSeen: true });
}

async function nothingLeaks({ provider, vms }: HostNetwork): Promise<void> {
  const foreign = `(not ether src ${hostNet.card} and not ether src ${hostNet.providerMac}) or (icmp6 and ip6[40] == 134)`;
  const capture = await provider.start(
    'tcpdump',
    programFile('tcpdump'),
    ['-i', 'host0', '-e', '-n', '-l', foreign],
    logSays(/listening on/),
  );
  const [hub] = vms;
  await hub.shell('ip -6 neigh flush dev ens3; ip link set ens3 down; ip link set ens3 up');
  await until(hub, 'curl', ['-s', '-m', '3', '-g', `http://[${hostNet.web6}]/`], /asked by/);
  await until(hub, 'rdisc6', ['-1', 'ens3'], /Prefix/);
  await capture.stop();
  expect((await capture.log()).split('\n').filter((line) => / ethertype /.test(line))).toEqual([]);
}
