import { openHostMachine, writeLabFile, type HostMachine } from './host-machine.js';
import { logSays, type Fact } from './fact.js';
import type { Lab } from './lab.js';
import { programFile } from './program-file.js';

/** How the provider delivers the network: to the host's link-local address, or looking for each address on the link. */
export type Delivery = 'routed' | 'on-link';

/**
 * A provider, a host with one card, and two VMs with IPv6 alone. Behind the provider stand a web server that has IPv4 alone
 * (v4only.lab), one that has IPv6 (v6only.lab), and the name server that knows them.
 */
export interface HostNetwork {
  readonly net: HostNet;
  readonly provider: HostMachine;
  readonly host: HostMachine;
  readonly vms: readonly [HostMachine, HostMachine, ...HostMachine[]];
}

/** Whose addresses are whose. */
export interface HostNet {
  readonly network: string;
  /** What the provider routes to the host, where that is more than the network. */
  readonly routed?: string;
  readonly prefix: string;
  readonly resolver: string;
  readonly resolver4: string;
  readonly web6: string;
  readonly web4: string;
  readonly host4: string;
  readonly gateway4: string;
  readonly device: string;
  readonly card: string;
  readonly cardLinkLocal: string;
  readonly providerMac: string;
  readonly vmMacs: readonly string[];
  readonly vmAddresses: readonly string[];
}

/** The kernel lets invented networks be global; tayga translates neither private addresses nor those of documentation. */
export const hostNet = {
  network: '2a01:4f8:1:3::/64',
  prefix: '2a01:4f8:1:3',
  resolver: '2a01:4f8:0:1::53',
  resolver4: '45.67.89.53',
  web6: '2a01:4f8:0:1::80',
  web4: '45.67.89.80',
  host4: '45.67.90.10',
  gateway4: '45.67.90.1',
  device: 'eno1',
  card: '00:24:21:21:ac:99',
  cardLinkLocal: 'fe80::224:21ff:fe21:ac99',
  providerMac: '02:00:5e:00:00:01',
  vmMacs: ['52:54:00:12:34:56', '52:54:00:ab:cd:ef'],
  vmAddresses: ['2a01:4f8:1:3:5054:ff:fe12:3456', '2a01:4f8:1:3:5054:ff:feab:cdef'],
} as const;

export async function openHostNetwork(
  lab: Lab,
  options: { readonly delivery: Delivery; readonly network?: string; readonly net?: HostNet },
): Promise<HostNetwork> {
  const net: HostNet = options.net ?? hostNet;
  const provider = await openHostMachine(lab, 'provider');
  const host = await openHostMachine(lab, 'host');
  const others = net.vmMacs.slice(2).map((_, index) => openHostMachine(lab, `vm${index + 3}`));
  const vms = [
    ...([await openHostMachine(lab, 'vm1'), await openHostMachine(lab, 'vm2')] as const),
    ...(await Promise.all(others)),
  ] as const;
  await layProvider(
    { net, provider, host },
    options.delivery,
    options.network ?? net.routed ?? net.network,
  );
  for (const [index, vm] of vms.entries()) {
    await host.shell(
      `ip link add vnet${index} type veth peer name ens3 address ${net.vmMacs[index]} netns ${vm.pid}`,
    );
    await vm.shell(`
      cd /proc/sys/net/ipv6/conf/ens3
      echo 1 > accept_ra; echo 0 > use_tempaddr; echo 0 > addr_gen_mode; echo 0 > accept_dad
      echo 128 > accept_ra_rt_info_max_plen`);
  }
  await serve(lab, net, provider);
  return { net, provider, host, vms };
}

/** Bridge ports as libvirt makes them, once there is a bridge. */
export async function startVms({ host, vms }: HostNetwork, bridge = 'br0'): Promise<void> {
  for (const [index, vm] of vms.entries()) {
    await host.shell(`ip link set vnet${index} master ${bridge} up`);
    await vm.shell('ip link set ens3 up');
  }
}

async function layProvider(
  { net, provider, host }: Pick<HostNetwork, 'net' | 'provider' | 'host'>,
  delivery: Delivery,
  network: string,
): Promise<void> {
  await provider.shell(`
    ip link add host0 address ${net.providerMac} type veth peer name ${net.device} address ${net.card} netns ${host.pid}
    echo 1 > /proc/sys/net/ipv4/ip_forward
    echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
    ip addr add fe80::1/64 dev host0 nodad
    ip link set host0 up
    ip addr add ${net.gateway4}/24 dev host0
    ip addr add ${net.web4}/32 dev lo
    ip addr add ${net.resolver4}/32 dev lo
    ip addr add ${net.resolver}/128 dev lo nodad
    ip addr add ${net.web6}/128 dev lo nodad
    ip -6 route add ${network} ${delivery === 'routed' ? `via ${net.cardLinkLocal} ` : ''}dev host0`);
}

async function serve(lab: Lab, net: HostNet, provider: HostMachine): Promise<void> {
  const config = await writeLabFile(
    lab,
    'provider/unbound.conf',
    `server:
  directory: "/run"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  verbosity: 1
  interface: ${net.resolver}
  interface: ${net.resolver4}
  access-control: ::/0 allow
  access-control: 0.0.0.0/0 allow
  module-config: "iterator"
  local-zone: "lab." static
  local-data: "lab. 3600 SOA ns.lab. admin.lab. 1 3600 600 86400 3600"
  local-data: "v4only.lab. 60 A ${net.web4}"
  local-data: "v6only.lab. 60 AAAA ${net.web6}"
  local-data: "both.lab. 60 A ${net.web4}"
  local-data: "both.lab. 60 AAAA ${net.web6}"
  local-data: "private.lab. 60 A 10.9.9.9"
  local-data: "ipv4only.arpa. 60 A 192.0.0.170"
  local-data: "a.root-servers.net. 60 AAAA 2001:503:ba3e::2:30"
`,
  );
  // Debian's AppArmor lets it read there alone.
  const place = '/etc/unbound/lab.conf';
  await provider.shell(`mkdir -p /etc/unbound; cp ${config} ${place}`);
  const started = logSays(/start of service/);
  await provider.start('resolver', programFile('unbound'), ['-d', '-p', '-c', place], started);
  const page = await writeLabFile(lab, 'provider/web.mjs', webServer);
  for (const address of [net.web4, net.web6]) {
    await provider.start(`web-${address}`, process.execPath, [page, address], logSays(/^up$/m));
  }
}

/** Says from whom it was asked. */
const webServer = `import { createServer } from 'node:http';
createServer((request, response) => response.end(\`asked by \${request.socket.remoteAddress}\\n\`))
  .listen(80, process.argv[2], () => console.log('up'));
`;

/** What a machine shows, asked until it holds. */
export async function until(
  machine: HostMachine,
  program: string,
  args: readonly string[],
  shows: RegExp,
): Promise<string> {
  const deadline = performance.now() + 90_000;
  for (;;) {
    const result = await machine.run(program, args);
    const output = result.kind === 'exited' ? result.stdout + result.stderr : '';
    if (shows.test(output)) return output;
    if (performance.now() > deadline) {
      throw new Error(
        `${machine.name}: ${program} ${args.join(' ')} never showed ${shows}:\n${output}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** That a machine shows something, as what a daemon waits for. */
export function machineShows(machine: HostMachine, command: string, pattern: RegExp): Fact {
  return {
    says: `${command} shows ${pattern}`,
    holds: async () => {
      const result = await machine.run('/bin/sh', ['-c', command]);
      return result.kind === 'exited' && pattern.test(result.stdout);
    },
  };
}
