import type { Host } from '../host.js';
import { formatAddress } from '../ip-address.js';
import type { Topic } from './topic.js';

/** What stands around: programs and files of others that touch the same things, and what hostcore does about each. */
export function surroundingTopics(host: Host): readonly Topic[] {
  return [...networkTopics(host), ...othersTopics(host), ...extraTopics(host)];
}

function topic(title: string, words: readonly string[], ...text: readonly string[]): Topic {
  return { title, words, text };
}

function networkTopics(host: Host): readonly Topic[] {
  const { manager, resolvers, release, ipv6, inside } = host;
  const where =
    manager === 'netplan' ? '/etc/netplan/90-sixhub.yaml' : '/etc/systemd/network/05-sixhub-*';
  const asked = resolvers.map(formatAddress).join(', ');
  const seed = ipv6.seeded
    ? 'ipv6.seed of host.toml'
    : 'the MAC address, since host.toml has no ipv6.seed';
  return [
    topic(
      `the network manager: ${manager}`,
      ['manager', 'netplan', 'networkd', 'ifupdown', '/etc/network/interfaces', 'networkmanager'],
      `${manager} configures the network, from ${where}${manager === 'netplan' ? ' (networkd does the work below it)' : ''}: it is what ${release} has, or what manager says. One manager is left: files of others for the same devices are set aside by \`hostcore plan\`, and kept.`,
    ),
    topic(
      'name servers of the host',
      [
        'resolv.conf',
        '/etc/resolv.conf',
        'systemd-resolved',
        'resolved',
        'resolvers',
        'nameserver',
      ],
      asked === ''
        ? 'host.toml names none (resolvers); /etc/resolv.conf is left as it is.'
        : `${manager} hands ${asked} to systemd-resolved; /etc/resolv.conf is left alone. Without systemd-resolved nobody takes them: \`hostcore lint\` says so.`,
    ),
    topic(
      'DHCP: there is none',
      ['dhcp', 'dhcp4', 'dhcp6', 'dhcpv6'],
      `Every address stands in host.toml, so the host asks nobody for one, and VMs configure themselves by router advertisements. What a VM sends as a DHCP server reaches no other one.`,
    ),
    topic(
      'gateway6 and gateway4',
      ['gateway6', 'gateway4', 'deprecated'],
      `netplan's old words for the default routes; it warns of them. What is rendered has routes with via instead, on-link, since ${formatAddress(ipv6.gateway)} is in no network of the card.`,
    ),
    topic(
      ipv6.derived ? 'the random host part' : 'the host part of the address',
      ['seed', 'random', '7217'],
      ipv6.derived
        ? `address = "random": the host part is derived from ${seed} and the network (RFC 7217), looks random and stays the same.`
        : `The address was written by hand; ipv6.address = "random" would derive one (RFC 7217) that looks random and stays.`,
    ),
    topic(
      'privacy extensions: there are none',
      ['privacy', 'temporary', '8981'],
      'A server is to be found, so neither host nor VMs make temporary addresses (RFC 8981); the files for the VMs say so, too.',
    ),
    ...(inside.bridge
      ? [
          topic(
            'spanning tree: it is off',
            ['stp', 'spanning', 'forward_delay', 'forward-delay'],
            `${inside.device} has no second way anywhere, and with it a VM would wait 15 seconds for its network.`,
          ),
        ]
      : []),
    topic(
      'MTU, VLANs, bonds, Wi-Fi, tunnels: host.toml has no words for them',
      ['mtu', 'vlan', 'vlans', 'bond', 'bonding', 'wifi', 'wireguard', 'tunnel'],
      'A card is taken as it is. If a file of before has them, `hostcore adopt` names them with file and line; look for them before that file is set aside.',
    ),
  ];
}

function othersTopics({ uplink, inside, release }: Host): readonly Topic[] {
  const rewriting =
    uplink.mode === 'bridged'
      ? `The rules of hostcore (table bridge sixhub_guard) rewrite at ${uplink.device} alone instead.`
      : `With mode ${uplink.mode} it is not needed: no frame of a VM leaves through ${uplink.device}.`;
  return [
    topic(
      '/etc/rc.local',
      ['rc.local', '/etc/rc.local', 'rc-local', 'rc-local.service'],
      `Nothing of hostcore is there. The guide (3.5) has it rewrite MAC addresses with ebtables. ${rewriting} \`hostcore plan\` puts "# hostcore: " before that line; the others stay, and go on to run at boot.`,
    ),
    topic(
      "virbr0, libvirt's own bridge",
      ['virbr0', 'virbr0-nic', 'virbr', '192.168.122.0/24', '192.168.122.1'],
      `libvirt makes it for its network "default": NAT for IPv4 alone, with a dnsmasq of its own at 192.168.122.1. hostcore neither makes nor uses it: VMs are on ${inside.device}. If none is on it: virsh net-destroy default; virsh net-autostart --disable default.`,
    ),
    topic(
      'firewall',
      [
        'firewall',
        'nftables',
        'nft',
        'iptables',
        'ip6tables',
        'ufw',
        'docker',
        'forward',
        'policy',
      ],
      'hostcore has nftables tables of its own (bridge sixhub_guard, ip sixhub_nat, from /etc/sixhub/nftables.nft) and is no firewall: what reaches host and VMs from outside is not filtered. It touches no table of others.',
      "Docker and ufw drop what is forwarded unless told otherwise, and the VMs' packets all are: `hostcore lint` finds that (forward-dropped).",
    ),
    topic(
      '/etc/sysctl.conf',
      ['sysctl.conf', '/etc/sysctl.conf', 'sysctl.d'],
      `The guide writes there. hostcore has /etc/sysctl.d/90-sixhub.conf; ${release === 'debian13' ? 'Debian 13 does not read sysctl.conf at boot any more' : 'sysctl.conf is read later, as 99-sysctl.conf, so that what it says of the same keys wins'}.`,
    ),
    topic(
      'vnet0 and the like',
      ['vnet', 'vnet0', 'vnet1', 'tap', 'tap0'],
      `libvirt makes one for each running VM: the host's end of its card, a port of ${inside.device}. hostcore leaves them alone.`,
    ),
  ];
}

function extraTopics({ extras, vms, name }: Host): readonly Topic[] {
  const key = `[host.${name}.extras]`;
  return [
    topic(
      extras.raidMail === undefined
        ? 'mail when the RAID degrades: there is none'
        : 'mail when the RAID degrades',
      ['raid', 'raid-mail', 'mdadm', 'mdmonitor', 'mailaddr'],
      extras.raidMail === undefined
        ? `hostcore leaves mdadm alone: host.toml has no raid-mail below ${key}. Debian's own mdadm.conf writes to root.`
        : `mdadm writes to ${extras.raidMail}: MAILADDR in a block of /etc/mdadm/mdadm.conf. It takes the first such line alone, so others are silenced.`,
    ),
    topic(
      extras.tmpSize === undefined ? '/tmp in memory: it is not' : '/tmp in memory',
      ['tmp', '/tmp', 'tmpfs', 'tmp-size', 'fstab'],
      extras.tmpSize === undefined
        ? `/tmp is as the system has it: host.toml has no tmp-size below ${key}.`
        : `/tmp is a tmpfs of at most ${extras.tmpSize}: a block in /etc/fstab.`,
    ),
    topic(
      extras.kvm ? 'KVM' : 'KVM: it is not set up',
      ['kvm', 'qemu', 'vhost_net', 'vhost', 'virt-install', 'virtinst'],
      extras.kvm
        ? `vhost_net is loaded at boot (/etc/modules-load.d/sixhub.conf), and the packages for VMs are asked for. /etc/sixhub/guests/NAME/virt-install.sh creates a VM${
            vms.length === 0
              ? ''
              : `, as for ${vms
                  .map((vm) => vm.name)
                  .slice(0, 3)
                  .join(', ')}`
          }.`
        : `There are no VMs in host.toml, or kvm is false below ${key}.`,
    ),
    topic(
      'who manages the VMs',
      ['libvirt', 'libvirt-users', 'libvirtd', 'group'],
      extras.libvirtUsers.length === 0
        ? `root alone: host.toml names no libvirt-users below ${key}.`
        : `${extras.libvirtUsers.join(', ')}: in the group libvirt, and by that as good as root.`,
    ),
  ];
}
