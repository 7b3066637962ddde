import { commandLine, programFile, type HostMachine, type Lab } from '../../lab/index.js';
import { openGround, type Ground } from '../../lab/host-ground.js';
import { hostNet, until } from '../../lab/host-network.js';
import { writeLabFile } from '../../lab/host-machine.js';

const description = `[host.merlin]
release = "RELEASE"
domain = "example.test"
resolvers = ["${hostNet.resolver}", "${hostNet.resolver4}"]
uplink.device = "eno1"
ipv6 = {network = "${hostNet.network}", address = "${hostNet.prefix}::2"}
ipv4 = {address = "${hostNet.host4}", gateway = "${hostNet.gateway4}"}
nat64 = {}                  # servers that have IPv4 alone, for VMs that have IPv6 alone
dns64.validate = false      # names for that; nobody signs zones in this small internet
ra.interval = 4             # advertisements, by which VMs configure themselves
extras.kvm = false
vm.web.mac = "${hostNet.vmMacs[0]}"
vm.mail.mac = "${hostNet.vmMacs[1]}"
`;

/** The host of the story as its provider hands it over, with hostcore installed, and what people outside type at. */
export async function openMerlin(lab: Lab): Promise<Ground> {
  const ground = await openGround(lab, '');
  const { host, provider, vms } = ground;
  const id = await host.shell('. /etc/os-release; echo $ID$VERSION_ID');
  const release = id.trim() === 'debian13' ? 'debian13' : 'debian12';
  await ground.describe(description.replace('RELEASE', release));
  // Nobody else is on these links; and what this machine's name and kernel have to do with it is no part of the story.
  await host.shell(`hostname merlin; echo merlin > /etc/hostname
    echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
    for file in /proc/sys/net/bridge/bridge-nf-call-*; do [ ! -e $file ] || echo 0 > $file; done`);
  await askAt(host, [hostNet.resolver, hostNet.resolver4]);
  await askAt(provider, [hostNet.resolver]);
  await ownDirectories(host, ['/usr/local/sbin', '/var/lib']);
  await install(lab, host, 'hostcore', [process.execPath, ...commandLine('hostcore', [])]);
  await ownDirectories(provider, ['/usr/local/sbin']);
  // All but whom to reach, and what to run there. Somebody who is locked out is not let wait for long.
  await install(lab, provider, 'ssh', [
    programFile('ssh', 'openssh-client'),
    ...['-o', 'ConnectTimeout=3', ...ground.sshWords('').slice(0, -2)],
  ]);
  await vms[0].shell('hostname web');
  return ground;
}

/** What is written into these is gone with the machine. */
async function ownDirectories(machine: HostMachine, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const place = `/run/own${path}`;
    await machine.shell(`mkdir -p ${place}/upper ${place}/work
      mount -t overlay overlay -o lowerdir=${path},upperdir=${place}/upper,workdir=${place}/work ${path}`);
  }
}

async function install(
  lab: Lab,
  machine: HostMachine,
  name: string,
  words: readonly string[],
): Promise<void> {
  const text = `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`;
  const file = await writeLabFile(lab, `commands/${name}`, text);
  await machine.shell(`install -m 755 ${file} /usr/local/sbin/${name}`);
}

/** As networkd does in a VM: the name server of the advertisement is asked. */
export async function takeResolver(vm: HostMachine): Promise<string> {
  const advertised = await until(vm, 'rdisc6', ['-1', 'ens3'], /Recursive DNS server\s*: \S+/);
  const resolver = /Recursive DNS server\s*: (\S+)/.exec(advertised)?.[1] ?? '';
  await askAt(vm, [resolver]);
  return resolver;
}

async function askAt(machine: HostMachine, resolvers: readonly string[]): Promise<void> {
  const lines = resolvers.map((address) => `nameserver ${address}`).join('\\n');
  await machine.shell(`rm -f /etc/resolv.conf; printf '${lines}\\n' > /etc/resolv.conf`);
}

/** Everything that an apply could change, to be compared: each file of /etc, addresses, routes, rules, services. */
export async function pictureOf(host: HostMachine): Promise<string> {
  await until(host, 'sh', ['-c', 'ip -6 -o address show tentative; echo none'], /^none/);
  return host.shell(`
    find /etc -xdev -type f ! -name host.toml -exec sha256sum {} + | sort
    ip -o address | sed 's/ nodad//' | sort; ip route | sort; ip -6 route | sort; nft --stateless list ruleset
    systemctl is-active systemd-networkd sixhub-tayga named radvd`);
}
