import { expect, test } from 'vitest';
import { openHostNetwork, openLab, type HostMachine, type Lab } from '../../lab/index.js';
import { hostNet, startVms, until } from '../../lab/host-network.js';
import { writeLabFile } from '../../lab/host-machine.js';
import { commandLine } from '../../lab/checkout.js';

/** A host as the guide leaves it: the card in the bridge, addresses on the bridge, netplan's file, rc.local, no guard. */
const own = `${hostNet.prefix}:6745:a24b:cc39:9d1`;
const netplan = `network:
  version: 2
  renderer: networkd
  ethernets:
    eno1:
      dhcp4: false
  bridges:
    br0:
      accept-ra: false
      macaddress: ${hostNet.card}
      interfaces: [eno1]
      addresses: [${hostNet.host4}/32, "${own}/64"]
      routes:
        - {on-link: true, to: 0.0.0.0/0, via: ${hostNet.gateway4}}
        - {to: 45.67.91.7/32, via: ${hostNet.host4}}
      gateway6: fe80::1
      nameservers: {addresses: ["${hostNet.resolver}"]}
`;

const files: Readonly<Record<string, string>> = {
  '/etc/netplan/01-netcfg.yaml': netplan,
  '/etc/rc.local': `#!/bin/sh
ebtables -t nat -A POSTROUTING -j snat --to-src ${hostNet.card}
exit 0
`,
  '/etc/bind/named.conf.options': `options { forwarders { ${hostNet.resolver}; }; listen-on {}; dns64 64:ff9b::/96 { clients { any; }; }; };
`,
  '/etc/tayga.conf': `prefix 64:ff9b::/96
ipv6-addr ${hostNet.prefix}:14a5:69be:7e23:89
ipv4-addr 192.168.255.1
dynamic-pool 192.168.255.0/24
`,
  '/etc/radvd.conf': `interface br0 {
  AdvSendAdvert on;
  prefix ${hostNet.network} { AdvRouterAddr on; };
  RDNSS ${own} {};
  route 64:ff9b::/96 { AdvRouteLifetime infinity; };
};
`,
  '/etc/hostname': 'merlin\n',
  ...Object.fromEntries(
    ['hub', 'mail'].map((name, index) => [
      `/etc/libvirt/qemu/${name}.xml`,
      `<domain><name>${name}</name><interface type='bridge'><mac address='${hostNet.vmMacs[index]}'/><source bridge='br0'/></interface></domain>`,
    ]),
  ),
};

async function layGuideHost(lab: Lab, host: HostMachine): Promise<void> {
  await host.shell(`
    ip link add br0 address ${hostNet.card} type bridge stp_state 0 forward_delay 0
    echo 0 > /proc/sys/net/ipv6/conf/br0/accept_ra
    echo 1 > /proc/sys/net/ipv6/conf/eno1/disable_ipv6
    ip link set eno1 master br0 up
    ip link set br0 up
    ip addr add ${own}/64 dev br0 nodad
    ip addr add ${hostNet.host4}/32 dev br0
    ip route add default via ${hostNet.gateway4} dev br0 onlink
    ip -6 route add default via fe80::1 dev br0
    ip route add 45.67.91.7 dev br0
    echo 1 > /proc/sys/net/ipv6/conf/all/forwarding`);
  for (const [path, text] of Object.entries(files)) {
    const place = await writeLabFile(lab, `guide${path}`, text);
    await host.shell(`mkdir -p $(dirname ${path}) && cp ${place} ${path}`);
  }
  await host.shell('sh /etc/rc.local');
}

test("is adopted with the kernel's help, and its plan leads to routed without a step by hand", async () => {
  await using lab = await openLab();
  const network = await openHostNetwork(lab, { delivery: 'routed' });
  const { host, vms, provider } = network;
  await layGuideHost(lab, host);
  await startVms(network);
  const [, mail] = vms;
  await guestsReach(network.vms, 'fe80::224:21ff:fe21:ac99');
  await mail.shell(
    `ip addr add 45.67.91.7/32 dev ens3; ip route add ${hostNet.host4} dev ens3; ip route add default via ${hostNet.host4}`,
  );
  await until(host, 'ping', ['-c', '1', '-W', '1', '45.67.91.7'], /1 received/);

  const adopted = await json(host, ['adopt', '-c', '/etc/sixhub/host.toml', '--json']);
  expect(adopted.complaints).toEqual([]);
  expect(adopted.toml).toContain('mode = "bridged"');
  // Whose the further IPv4 address is, the kernel has heard.
  expect(adopted.toml).toMatch(
    /\[host\.merlin\.vm\.mail\]\nmac = "52:54:00:ab:cd:ef"\nipv4 = "45.67.91.7"/,
  );
  const told = adopted.unread?.map(({ text }) => text).join('\n');
  expect(told).toContain('ebtables');
  expect(told).toContain('AdvRouterAddr on');

  const { findings = [] } = await json(host, ['lint', '--json']);
  expect(findings.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['leak', 'taken-over', 'short-lifetime', 'ra-between-vms']),
  );

  // As it is, nothing moves. In the other mode everything does, and the session feels it.
  const before = await planned(host);
  expect(before.kernel?.filter(({ kind }) => kind === 'link' || kind === 'address')).toEqual([]);
  expect(before.session?.kind).toBe('safe');
  await host.shell(`sed -i 's/mode = "bridged"/mode = "routed-link-local"/' /etc/sixhub/host.toml`);
  const moved = await planned(host);
  expect(moved.session).toMatchObject({ kind: 'interrupted', address: hostNet.host4 });
  expect(moved.session?.by.map(({ subject }) => subject)).toContain(
    'eno1 is a port of no bridge, is a port of br0',
  );
  expect(moved.files?.map(({ path, action }) => `${action} ${path}`)).toEqual(
    expect.arrayContaining([
      'set-aside /etc/netplan/01-netcfg.yaml',
      'replace /etc/tayga.conf',
      'change /etc/rc.local',
    ]),
  );

  await reached(provider);
  await host.shell('echo 0 > /proc/sys/net/ipv6/conf/eno1/disable_ipv6');
  const [rewriting] = moved.kernel?.filter(({ subject }) => subject.startsWith('ebtables')) ?? [];
  expect(rewriting).toMatchObject({
    ...{ kind: 'rules', action: 'remove' },
    subject: `ebtables nat POSTROUTING: -j snat --to-src ${hostNet.card} --snat-target ACCEPT`,
    why: expect.stringContaining('/etc/rc.local makes it at boot'),
  });
  for (const { command, kind } of moved.kernel ?? []) {
    const ofFiles = kind === 'rules' && !command.startsWith('ebtables');
    if (!ofFiles && !command.startsWith('systemctl')) await host.shell(command);
  }
  // The bridge has another MAC address now, of which the VMs would hear by the next advertisement.
  const link = /fe80:\S+(?=\/64)/.exec(await host.shell('ip -6 address show dev br0 scope link'));
  await guestsReach(network.vms, link?.[0] ?? '');
  await reached(provider);
  const after = await planned(host);
  expect(after.kernel?.map(({ subject }) => subject)).toEqual([
    '64:ff9b::/96 dev nat64',
    '192.168.255.0/24 dev nat64',
    `${hostNet.prefix}:14a5:69be:7e23:89/128 dev nat64`,
    'table bridge sixhub_guard',
    'table ip sixhub_nat',
  ]);
}, 120_000);

test('where no file says what a host has, the kernel does', async () => {
  await using lab = await openLab();
  const { host } = await openHostNetwork(lab, { delivery: 'routed' });
  await host.shell(`
    echo lonely > /etc/hostname
    ip link set eno1 up
    ip addr add ${hostNet.prefix}::2/64 dev eno1 nodad
    ip addr add ${hostNet.host4}/26 dev eno1
    ip route add default via ${hostNet.gateway4}
    ip -6 route add default via fe80::1 dev eno1`);
  const { toml, complaints } = await json(host, ['adopt', '--print', '--json']);
  expect(complaints).toEqual([]);
  expect(toml).toContain(`[host.lonely.uplink]
device = "eno1"
mac = "${hostNet.card}"
mode = "routed-link-local"`);
  expect(toml).toContain(`network = "${hostNet.network}"\naddress = "${hostNet.prefix}::2"`);
  expect(toml).toContain(`address = "${hostNet.host4}/26"\ngateway = "${hostNet.gateway4}"`);
}, 60_000);

/** By hand, as a VM that has been running for long has it. */
async function guestsReach(vms: readonly HostMachine[], router: string): Promise<void> {
  for (const [index, vm] of vms.entries()) {
    await vm.shell(
      `ip addr replace ${hostNet.vmAddresses[index]}/64 dev ens3 nodad; ip -6 route replace default via ${router} dev ens3`,
    );
  }
}

async function reached(provider: HostMachine): Promise<void> {
  for (const address of [...hostNet.vmAddresses, own, hostNet.host4]) {
    await until(provider, 'ping', ['-c', '1', '-W', '1', address], /1 received/);
  }
}

interface Printed {
  readonly complaints?: readonly unknown[];
  readonly toml?: string;
  readonly unread?: readonly { readonly text: string }[];
  readonly findings?: readonly { readonly id: string }[];
  readonly files?: readonly { readonly path: string; readonly action: string }[];
  readonly kernel?: readonly Change[];
  readonly session?: { readonly kind: string; readonly by: readonly Change[] };
}

interface Change {
  readonly kind: string;
  readonly action: string;
  readonly subject: string;
  readonly why: string;
  readonly command: string;
}

async function json(host: HostMachine, words: readonly string[]): Promise<Printed> {
  const result = await host.hostcore(...words);
  if (result.kind !== 'exited') throw new Error(`hostcore ${words.join(' ')} did not end`);
  return JSON.parse(result.stdout);
}

/** As a person sees it who came by SSH to the host's IPv4 address. */
async function planned(host: HostMachine): Promise<Printed> {
  const session = `SSH_CONNECTION=45.67.90.1 50000 ${hostNet.host4} 22`;
  const words = [session, process.execPath, ...commandLine('hostcore', ['plan', '--json'])];
  return JSON.parse(await host.must('env', words));
}
