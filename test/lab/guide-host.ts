import { copyTo } from './host-ground.js';
import type { HostNet, HostNetwork } from './host-network.js';
import { startVms, until } from './host-network.js';
import type { Lab } from './lab.js';

/** A host as the IPv6-first guide has it built by hand (its chapters 3 to 5), and daemons that run by Debian's own units. */
export interface GuideHost {
  readonly manager: 'netplan' | 'networkd' | 'ifupdown';
  readonly bridge: string;
  /** The host part of its address (3.4). */
  readonly own: string;
  /** A further IPv4 address, and which VM has it (5.3). */
  readonly extra: { readonly address: string; readonly vm: number };
}

function guideAddress({ prefix }: HostNet, { own }: GuideHost): string {
  return `${prefix}:${own}`;
}

/** To be given to `openGround`: files laid, daemons started by them, VMs at the bridge. */
export function layGuideHost(guide: GuideHost): (lab: Lab, network: HostNetwork) => Promise<void> {
  return async (lab, network) => {
    const { host, net, vms, provider } = network;
    for (const [path, text] of Object.entries(guideFiles(net, guide))) {
      await host.shell(`mkdir -p $(dirname ${path})`);
      await copyTo(lab, host, path, text);
    }
    // Debian's script of tayga starts none where one runs of the same name, be it on another machine of this kind.
    await host.shell(`
      cp /usr/sbin/tayga /run/tayga-${host.pid}
      sed -i 's|^DAEMON=.*|DAEMON=/run/tayga-${host.pid} # |' /etc/init.d/tayga
      chmod 755 /etc/rc.local
      sysctl -q -w net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1`);
    await host.shell(starts[guide.manager]);
    const own = new RegExp(`${guideAddress(net, guide)}/64`);
    await until(host, 'ip', ['-6', 'address', 'show', 'dev', guide.bridge], own);
    await until(host, 'ip', ['-6', 'route'], new RegExp(`default via fe80::1 dev ${guide.bridge}`));
    await until(
      host,
      'sh',
      ['-c', `ip -6 -o address show dev ${guide.bridge} tentative; echo none`],
      /^none/,
    );
    await host.shell('/etc/rc.local');
    await host.shell('systemctl start tayga; systemctl enable --now named radvd');
    await startVms(network, guide.bridge);
    const { address, vm } = guide.extra;
    await vms[vm]?.shell(
      `ip address add ${address}/32 dev ens3; ip route add default via ${net.host4} dev ens3 onlink`,
    );
    await provider.shell(`ip route add ${address} via ${net.host4}`);
  };
}

const starts: Readonly<Record<GuideHost['manager'], string>> = {
  netplan: `chmod 600 /etc/netplan/*; netplan generate; systemctl enable --now systemd-networkd`,
  networkd: 'systemctl enable --now systemd-networkd',
  ifupdown: 'systemctl enable --now networking',
};

function guideFiles(net: HostNet, guide: GuideHost): Readonly<Record<string, string>> {
  const { bridge } = guide;
  const own = guideAddress(net, guide);
  return {
    ...networks[guide.manager](net, guide),
    '/etc/hostname': 'merlin\n',
    '/etc/rc.local': `#!/bin/sh -e

# force source MAC address of all packets to the official address of the physical server
ebtables -t nat -A POSTROUTING -j snat --to-src ${net.card}

exit 0
`,
    '/etc/default/tayga': `RUN="yes"
CONFIGURE_IFACE="yes"
CONFIGURE_NAT44="yes"
DAEMON_OPTS=""
IPV4_TUN_ADDR=""
IPV6_TUN_ADDR=""
`,
    '/etc/tayga.conf': `# Minimum working NAT64 Tayga configuration for KVM host with IPv6-only guests
tun-device nat64
data-dir /var/spool/tayga
prefix 64:ff9b::/96
ipv6-addr ${net.prefix}:135d:6:4b27:5f
ipv4-addr 192.168.255.1
dynamic-pool 192.168.255.0/24
`,
    '/etc/bind/named.conf.options': `options {
  directory "/var/cache/bind";
  forwarders { ${net.resolver}; };
  dnssec-validation no;
  auth-nxdomain no;    # conform to RFC1035
  listen-on {};
  listen-on-v6 { ${net.network}; };
  allow-query { localnets; };
  dns64 64:ff9b::/96 { clients { any; }; };
};
`,
    '/etc/radvd.conf': `interface ${bridge} {
  AdvSendAdvert on;
  AdvManagedFlag off;
  AdvOtherConfigFlag off;
  AdvDefaultPreference high;
  MaxRtrAdvInterval 4;
  prefix ${net.network} {
    AdvOnLink on;
    AdvAutonomous on;
    AdvRouterAddr on;
    AdvValidLifetime infinity;
  };
  RDNSS ${own} {};
  route 64:ff9b::/96 { AdvRouteLifetime infinity; };
};
`,
    ...Object.fromEntries(
      net.vmMacs.map((mac, index) => [
        `/etc/libvirt/qemu/vm${index + 1}.xml`,
        `<domain type='kvm'><name>vm${index + 1}</name><devices><interface type='bridge'><mac address='${mac}'/><source bridge='${bridge}'/></interface></devices></domain>\n`,
      ]),
    ),
  };
}

type NetworkFiles = (net: HostNet, guide: GuideHost) => Readonly<Record<string, string>>;

const networks: Readonly<Record<GuideHost['manager'], NetworkFiles>> = {
  netplan: (net, guide) => ({
    '/etc/netplan/01-netcfg.yaml': `### Hetzner Online GmbH installimage
network:
  version: 2
  renderer: networkd
  ethernets:
    ${net.device}:
      dhcp4: false
      dhcp6: false
  bridges:
    ${guide.bridge}:
      accept-ra: false
      macaddress: ${net.card}
      interfaces:
        - ${net.device}
      addresses:
        - ${net.host4}/32
        - ${guideAddress(net, guide)}/64
      routes:
        - on-link: true
          to: 0.0.0.0/0
          via: ${net.gateway4}
        - to: ${guide.extra.address}/32
          via: ${net.host4}
      gateway6: fe80::1
      nameservers:
        addresses:
          - ${net.resolver}
`,
  }),
  // 3.3.2, and the peer of 5.3.1.
  networkd: (net, guide) => ({
    [`/etc/systemd/network/19-${guide.bridge}.netdev`]: `[NetDev]
Name=${guide.bridge}
Kind=bridge
MACAddress=${net.card}

[Bridge]
STP=no
`,
    [`/etc/systemd/network/20-${guide.bridge}-bind.network`]: `[Match]
Name=${net.device}

[Network]
Bridge=${guide.bridge}
`,
    [`/etc/systemd/network/21-${guide.bridge}-conf.network`]: `[Match]
Name=${guide.bridge}

[Network]
Address=${guideAddress(net, guide)}/64
Gateway=fe80::1
IPv6AcceptRA=no
DNS=${net.resolver}

[Route]
Gateway=${net.gateway4}
GatewayOnLink=yes

[Address]
Address=${net.host4}
Peer=${net.gateway4}/32

[Address]
Address=${net.host4}
Peer=${guide.extra.address}/32
`,
  }),
  ifupdown: (net, guide) => ({
    '/etc/network/interfaces': `auto lo
iface lo inet loopback

auto ${guide.bridge}
iface ${guide.bridge} inet static
  bridge_ports ${net.device}
  bridge_hw ${net.card}
  bridge_stp off
  bridge_fd 0
  bridge_maxwait 0
  address ${net.host4}
  netmask 255.255.255.255
  pointopoint ${net.gateway4}
  gateway ${net.gateway4}
  up ip route add ${guide.extra.address}/32 dev ${guide.bridge}

iface ${guide.bridge} inet6 static
  address ${guideAddress(net, guide)}
  netmask 64
  gateway fe80::1
  accept_ra 0
`,
  }),
};

/** All that a way back has to bring back, beside the VMs' own ends of their cables. */
export async function guideState({ host, net }: HostNetwork): Promise<string> {
  return host.shell(`
    ip -o address | grep -v 'vnet\\|fe80' | sed 's/^[0-9]*: //; s/ *valid_lft.*//; s/ nodad//; s/\\\\//' | sort
    ip -o link | sed 's/^[0-9]*: //; s/@[^:]*//; s/state .*//; s/<.*>//; s/qdisc.*master/master/; s/\\(vnet[0-9]*\\).*master/\\1 master/' | sort
    for bridge in /sys/class/net/*/bridge; do echo $bridge $(cat $bridge/stp_state $bridge/forward_delay); done
    ip route show | sort; ip -6 route show | grep -v 'fe80::/64\\|multicast' | sort
    nft --stateless list ruleset; ebtables -t nat -L POSTROUTING; iptables-save -t nat | grep -v '^[:#]'
    cd /proc/sys/net; grep -s . ipv6/conf/all/forwarding ipv4/ip_forward $(find ipv6/conf -path '*${net.device}/*' -o -path '*br*/*' | grep 'accept_ra$\\|autoconf\\|disable_ipv6\\|notify' | sort)
    cd /etc; for f in $(find netplan network systemd/network systemd/system/sixhub* systemd/system/tayga* sixhub sysctl.d modules-load.d bind radvd.conf tayga.conf default/tayga rc.local -not -type d -not -name host.toml 2>/dev/null | sort); do echo "$f $(stat -c '%a %u %F' $f) $(sha256sum < $f)"; done
    find / -xdev -name '*.hostcore-*' -not -path '/proc/*' 2>/dev/null || true
    for unit in networking systemd-networkd named radvd tayga sixhub-tayga sixhub-nftables; do echo $unit $(systemctl is-active $unit) $(ls /run/units/$unit.service.enabled /run/units/$unit.service.masked 2>/dev/null); done`);
}

/** By IPv6 and through the NAT64 from a VM, from outside to each VM, by IPv4 to the one that has it and from it, to the host. */
export async function allReached(network: HostNetwork, guide: GuideHost): Promise<void> {
  const { net, vms, provider } = network;
  const [first] = vms;
  const advertised = await until(first, 'rdisc6', ['-1', 'ens3'], /Recursive DNS server\s*: \S+/);
  const resolver = /Recursive DNS server\s*: (\S+)/.exec(advertised)?.[1] ?? '';
  const ask = ['+short', '+tries=1', '+time=2', `@${resolver}`, 'AAAA', 'v4only.lab'];
  const four = (await until(first, 'dig', ask, /^64:ff9b:/)).trim();
  await until(first, 'curl', fetch(four), new RegExp(`asked by ${net.host4}\n`));
  await until(first, 'curl', fetch(net.web6), new RegExp(`asked by ${net.vmAddresses[0]}\n`));
  const { address, vm } = guide.extra;
  const mail = vms[vm] ?? first;
  await until(
    mail,
    'curl',
    ['-s', '-m', '3', `http://${net.web4}/`],
    new RegExp(`by ${address}\n`),
  );
  for (const one of [...net.vmAddresses, guideAddress(net, guide), net.host4, address]) {
    await until(provider, 'ping', ['-c', '1', '-W', '1', one], /1 received/);
  }
}

function fetch(address: string): readonly string[] {
  return ['-s', '-m', '3', '-g', `http://[${address}]/`];
}

/** What a reboot leaves, and what then starts: enabled units, rc.local, and the VMs at the bridge that libvirt has of them. */
export async function rebooted(network: HostNetwork, bridge: string): Promise<void> {
  const { host, net } = network;
  await host.shell(`
    for unit in radvd named sixhub-tayga tayga sixhub-nftables systemd-networkd; do systemctl stop $unit; done
    for place in /sys/class/net/*/bridge; do ip link del $(basename $(dirname $place)); done
    ip link set ${net.device} down; ip address flush dev ${net.device}; nft flush ruleset
    sysctl -q -w net.ipv6.conf.all.forwarding=0 net.ipv4.ip_forward=0
    rm -rf /run/systemd/network/*`);
  await host.shell(`
    sysctl -q --system
    netplan generate
    for unit in systemd-networkd networking sixhub-nftables sixhub-tayga named radvd; do
      [ ! -e /run/units/$unit.service.enabled ] || systemctl start $unit
    done
    # As udev does for each device that comes.
    sysctl -q --system
    [ -e /run/units/tayga.service.masked ] || systemctl start tayga
    /etc/rc.local`);
  // VMs are started with it, and know nobody yet.
  for (const vm of network.vms) {
    await vm.shell('ip route flush cache; ip -6 route flush cache; ip neigh flush all');
  }
  await startVms(network, bridge);
}
