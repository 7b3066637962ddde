import {
  hostNet,
  logSays,
  machineShows,
  openHostNetwork,
  programFile,
  standInForSystemd,
  startVms,
  until,
  writeLabFile,
  type HostNetwork,
  type Lab,
} from '@sixhub/test/lab';

/**
 * The same network with the least that a person would write by hand: addresses and routes, tayga and a masquerade, a name server
 * with nothing but DNS64, no rule between VMs.
 */
export async function openBareHost(lab: Lab): Promise<HostNetwork> {
  const network = await openHostNetwork(lab, { delivery: 'routed' });
  const { host } = network;
  await standInForSystemd(lab, host);
  await host.shell(`
    ip link set eno1 up
    ip address add ${hostNet.host4}/32 dev eno1
    ip address add ${hostNet.prefix}::2/128 dev eno1 nodad
    ip route add default via ${hostNet.gateway4} dev eno1 onlink
    ip -6 route add default via fe80::1 dev eno1
    echo 1 > /proc/sys/net/ipv4/ip_forward
    echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
    ip link add br0 type bridge forward_delay 0
    ip link set br0 up
    ip address add ${inside}/64 dev br0 nodad`);
  await translate(lab, network);
  await resolve(lab, network);
  await startVms(network);
  for (const [index, vm] of network.vms.entries()) {
    const own = hostNet.vmAddresses[index] ?? '';
    // At its own router's word this machine would make addresses of its own.
    await vm.shell(`
      echo 0 > /proc/sys/net/ipv6/conf/ens3/accept_ra
      ip address replace ${own}/64 dev ens3 nodad
      ip -6 route replace default via ${inside}`);
    await until(vm, 'ping', ['-6', '-c', '1', '-W', '1', inside], /1 received/);
  }
  return network;
}

const inside = `${hostNet.prefix}::1`;

/** Where the VMs of a bare host ask. */
export const bareResolver = inside;

async function translate(lab: Lab, { host }: HostNetwork): Promise<void> {
  const config = await writeLabFile(
    lab,
    'bare/tayga.conf',
    `tun-device nat64
ipv4-addr 192.168.255.1
ipv6-addr ${hostNet.prefix}::64
prefix 64:ff9b::/96
dynamic-pool 192.168.255.0/24
data-dir /var/spool/tayga
`,
  );
  await host.must(programFile('tayga'), ['--config', config, '--mktun']);
  await host.shell(`
    ip link set nat64 up
    ip route add 192.168.255.0/24 dev nat64
    ip -6 route add 64:ff9b::/96 dev nat64
    nft 'table ip nat { chain postrouting { type nat hook postrouting priority srcnat; oifname "eno1" masquerade; }; }'`);
  const words = ['--config', config, '--nodetach'];
  const holds = machineShows(host, 'ip link show nat64', /LOWER_UP/);
  await host.start('tayga', programFile('tayga'), words, holds);
}

async function resolve(lab: Lab, { host }: HostNetwork): Promise<void> {
  const config = await writeLabFile(
    lab,
    'bare/named.conf',
    `options {
  directory "/var/cache/bind";
  pid-file none;
  forwarders { ${hostNet.resolver}; };
  forward only;
  dnssec-validation no;
  listen-on { none; };
  listen-on-v6 { ${inside}; };
  allow-query { any; };
  dns64 64:ff9b::/96 { };
};
controls { };
`,
  );
  await host.start(
    'named',
    programFile('named', 'bind9'),
    ['-g', '-u', 'bind', '-c', config],
    logSays(/ running$/m),
  );
}
