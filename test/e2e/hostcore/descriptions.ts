/** A host for each release, network manager, mode and set of daemons. */
export interface Described {
  readonly name: string;
  readonly release: string;
  readonly manager: string;
  readonly mode: string;
  readonly engines: 'usual' | 'others';
  readonly toml: string;
}

const releases = ['debian12', 'debian13', 'ubuntu22.04', 'ubuntu24.04'];
const managers = ['networkd', 'netplan'];
const modes = ['routed-link-local', 'bridged', 'on-link', 'routed-prefix'];

export const descriptions: readonly Described[] = releases.flatMap((release) =>
  managers.flatMap((manager) =>
    modes.flatMap((mode) =>
      (['usual', 'others'] as const).map((engines) => {
        const name = `${release}-${manager}-${mode}-${engines}`;
        const toml = description({ release, manager, mode, engines });
        return { name, release, manager, mode, engines, toml };
      }),
    ),
  ),
);

function description(of: Omit<Described, 'name' | 'toml'>): string {
  const network = of.mode === 'routed-prefix' ? '2a01:4f8:1::/56' : '2a01:4f8:1:3::/64';
  const usual = of.engines === 'usual';
  return `[host.merlin]
release = "${of.release}"
manager = "${of.manager}"
domain = "example.org"
resolvers = ["2a01:4f8:0:1::53", "185.12.64.1"]
uplink = {device = "eno1", mac = "00:24:21:21:ac:99", mode = "${of.mode}"}
ipv6 = {network = "${network}", seed = "0123456789abcdef"}
ipv4 = {address = "45.67.90.10", gateway = "45.67.90.1", networks = ["45.67.91.7/32"]}
nat64 = {}
dns64.engine = "${usual ? 'bind' : 'unbound'}"
ra.engine = "${usual ? 'radvd' : 'networkd'}"
relay.to = "hub"
route = [{to = "2a01:4f8:9::/48", via = "fe80::ff:fee1:b", device = "eth1"}]
link.eth1 = {announce = ["2a01:4f8:1:3::/64"], accept = true, addresses = ["10.7.0.1/24"]}
extras = {tmp-size = "2g", libvirt-users = ["dh"], raid-mail = "root@example.org"}
vm.hub.mac = "52:54:00:12:34:56"
vm.mail = {mac = "52:54:00:ab:cd:ef", ipv4 = "45.67.91.7"}
`;
}
