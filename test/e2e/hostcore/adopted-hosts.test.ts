import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  mustBe,
  openHostNetwork,
  openLab,
  runCommand,
  type HostNetwork,
  type Lab,
} from '../../lab/index.js';
import { hostNet, startVms, until } from '../../lab/host-network.js';
import { writeLabFile } from '../../lab/host-machine.js';
import { build } from './build.js';

/** Hosts as people leave them: adopted from their files alone, and what is rendered of that started by the real daemons. */

const advertised = `${hostNet.prefix}:7d5:33:beef:91`;
const machines = Object.fromEntries(
  ['ferry', 'quay'].map((name, index) => [
    `etc/libvirt/qemu/${name}.xml`,
    `<domain><name>${name}</name><interface type='bridge'><mac address='${hostNet.vmMacs[index]}'/><source bridge='br0'/></interface></domain>`,
  ]),
);
const radvd = (resolver: string): string =>
  `interface br0 { AdvSendAdvert on; MaxRtrAdvInterval 4; prefix ${hostNet.network} { AdvRouterAddr on; AdvValidLifetime infinity; }; RDNSS ${resolver} {}; route 64:ff9b::/96 {}; };\n`;

/** The guide's second address (3.4), which is the one that the VMs know; and a map of tayga that nothing is sent to. */
const bridged = {
  ...machines,
  'etc/hostname': 'heron\n',
  'etc/os-release': 'ID=ubuntu\nVERSION_ID="24.04"\n',
  'etc/netplan/01-netcfg.yaml': `network:
  version: 2
  renderer: networkd
  ethernets:
    eno1: {match: {macaddress: "${hostNet.card}"}, set-name: eno1, dhcp4: false}
  bridges:
    br0:
      accept-ra: false
      macaddress: ${hostNet.card}
      interfaces: [eno1]
      addresses: [${hostNet.host4}/32, "${hostNet.prefix}::2/64", "${advertised}/64"]
      routes:
        - {on-link: true, to: default, via: ${hostNet.gateway4}}
        - {to: default, via: "fe80::1"}
        - {to: 45.67.91.7, via: ${hostNet.host4}}
      nameservers: {addresses: ["${hostNet.resolver}"]}
`,
  'etc/rc.local': `#!/bin/sh -e\n/usr/sbin/ebtables -t nat -A POSTROUTING -j snat --to-source ${hostNet.card.toUpperCase()} --snat-target ACCEPT\nexit 0\n`,
  'etc/tayga.conf': `ipv4-addr 10.0.3.1\nprefix 64:ff9b::/96\nipv6-addr ${hostNet.prefix}:135d:6:4b27:5f\ndynamic-pool 10.0.3.0/24\nmap 10.0.3.7 ${hostNet.vmAddresses[0]}\n`,
  'etc/bind/named.conf.options': `options { forwarders { ${hostNet.resolver}; }; dnssec-validation no; listen-on { none; }; listen-on-v6 { ${advertised}; }; allow-query { ${hostNet.network}; }; dns64 64:ff9b::/96 { clients { any; }; }; };\n`,
  'etc/radvd.conf': radvd(advertised),
};

const prefix = '2a01:4f8:1::/56';
const directory = 'etc/unbound/unbound.conf.d';
const routed = {
  ...machines,
  'etc/hostname': 'stork\n',
  'etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
  'etc/systemd/network/10-eno1.network': `[Match]\nMACAddress=${hostNet.card}\nName=eno1\n[Network]\nAddress=2a01:4f8:1::2/128\nAddress=${hostNet.host4}/32\nGateway=fe80::1\nDNS=${hostNet.resolver}\nIPv6AcceptRA=no\n[Route]\nDestination=0.0.0.0/0\nGateway=${hostNet.gateway4}\nGatewayOnLink=yes\n[Route]\nDestination=${prefix}\nType=unreachable\n`,
  'etc/systemd/network/19-br0.netdev': '[NetDev]\nName=br0\nKind=bridge\n',
  'etc/systemd/network/21-br0-conf.network': `[Match]\nName=br0\n[Network]\nAddress=${hostNet.prefix}::1/64\nIPv6AcceptRA=no\n[Address]\nAddress=${hostNet.host4}\nPeer=45.67.91.7/32\n`,
  'etc/tayga.conf': `prefix 64:ff9b::/96\nipv4-addr 172.20.0.1\nipv6-addr ${hostNet.prefix}:ffff::1\ndynamic-pool 172.20.0.0/16\n`,
  [`${directory}/dns64.conf`]: `server:\n  interface: ${hostNet.prefix}::1\n  interface: ::1\n  access-control: ${prefix} allow\n  module-config: "dns64 iterator"\n  dns64-prefix: 64:ff9b::/96\nforward-zone:\n  name: "."\n  forward-addr: ${hostNet.resolver}\n`,
  'etc/radvd.conf': radvd(`${hostNet.prefix}::1`),
};

async function adopt(lab: Lab, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) await writeLabFile(lab, `root/${path}`, text);
  await mustBe(0, await runCommand('hostcore', ['adopt', ...where(lab)]));
  const { stdout } = await mustBe(
    0,
    await runCommand('hostcore', ['lint', ...where(lab), '--json']),
  );
  expect(JSON.parse(stdout).findings.map(({ id }: { id: string }) => id)).not.toContain(
    'nobody-answers',
  );
  return readFile(join(lab.directory, 'adopted.toml'), 'utf8');
}

function where(lab: Lab): readonly string[] {
  const root = join(lab.directory, 'root');
  return ['-c', join(lab.directory, 'adopted.toml'), '--root', root, '--files-only'];
}

/** A VM asks the name server that it is told, and reaches IPv4 through the host. */
async function served({ vms: [vm] }: HostNetwork, resolver: string): Promise<void> {
  const own = new RegExp(`${hostNet.vmAddresses[0]}/64`);
  await until(vm, 'ip', ['-6', 'address', 'show', 'dev', 'ens3'], own);
  await until(vm, 'rdisc6', ['-1', 'ens3'], new RegExp(`DNS server\\s*: ${resolver}\\s`));
  const query = ['+short', '+tries=1', '+time=2', `@${resolver}`, 'AAAA', 'v4only.lab'];
  await until(vm, 'dig', query, /^64:ff9b::2d43:5950$/m);
  const web = ['-s', '-m', '3', '-g', 'http://[64:ff9b::2d43:5950]/'];
  await until(vm, 'curl', web, new RegExp(`asked by ${hostNet.host4}`));
}

test('bridged, with two addresses: the one that VMs know stays, and no port is opened', async () => {
  await using lab = await openLab();
  const network = await openHostNetwork(lab, { delivery: 'routed' });
  const toml = await adopt(lab, bridged);
  expect(toml).toContain(`address = "${advertised}"`);
  expect(toml).not.toContain('relay');
  await build(lab, network, toml);
  await startVms(network);
  await served(network, advertised);
}, 120_000);

test("a routed prefix, Unbound and a VM's IPv4: the file beside ours goes, and all is served", async () => {
  await using lab = await openLab();
  const network = await openHostNetwork(lab, { delivery: 'routed', network: prefix });
  const toml = await adopt(lab, routed);
  expect(toml).toContain('mode = "routed-prefix"');
  const { stdout } = await mustBe(
    0,
    await runCommand('hostcore', ['plan', ...where(lab), '--json']),
  );
  const aside = JSON.parse(stdout).files.filter(
    ({ path, action }: { path: string; action: string }) =>
      action === 'set-aside' && path.includes('unbound'),
  );
  expect(aside).toMatchObject([{ path: `/${directory}/dns64.conf`, lost: [{ line: 4 }] }]);
  await bothRefused(lab, network);
  await build(lab, network, toml);
  await startVms(network);
  await served(network, `${hostNet.prefix}::1`);
  const [, quay] = network.vms;
  await quay.shell(
    `ip addr add 45.67.91.7/32 dev ens3; ip route add ${hostNet.host4} dev ens3; ip route add default via ${hostNet.host4}`,
  );
  await network.provider.shell(`ip route add 45.67.91.7 via ${hostNet.host4}`);
  await until(network.provider, 'ping', ['-c', '1', '-W', '1', '45.67.91.7'], /1 received/);
}, 120_000);

/** By Unbound's own checker: beside each other they do not stand; ours alone does. */
async function bothRefused(lab: Lab, { host }: HostNetwork): Promise<void> {
  const root = join(lab.directory, 'root');
  const rendered = join(lab.directory, 'beside');
  const config = join(lab.directory, 'adopted.toml');
  await mustBe(0, await runCommand('hostcore', ['render', '-c', config, '-o', rendered]));
  const ours = await readFile(join(rendered, directory, 'sixhub.conf'), 'utf8');
  await writeLabFile(lab, `root/${directory}/sixhub.conf`, ours);
  const main = await writeLabFile(
    lab,
    'main.conf',
    `server:\n  chroot: ""\n  username: ""\ninclude: "${join(root, directory)}/*.conf"\n`,
  );
  const check = `unbound-checkconf ${main} 2>&1 || true`;
  expect(await host.shell(check)).toContain('present twice');
  const theirs = join(root, directory, 'dns64.conf');
  await rename(theirs, `${theirs}.before-hostcore`);
  expect(await host.shell(check)).toContain('no errors');
}
