import type { Complaint } from './complaint.js';
import { doubleAddresses } from './double-addresses.js';
import type { Host } from './host.js';
import { outsiders } from './outsiders.js';
import { routeFaults } from './route-faults.js';
import { translationFaults } from './translation-faults.js';
import { formatAddress, isLinkLocal, sameAddress } from './ip-address.js';
import { contains, formatNetwork, networkOf } from './ip-network.js';

/** Whether a host's description contradicts itself. Nothing can be rendered from one that does. */
export function contradictions(host: Host): readonly Complaint[] {
  const whole = (path: Path): Path => ['host', host.name, ...path];
  return [
    ...outsiders(host),
    ...provider(host),
    ...insideFaults(host),
    ...translationFaults(host),
    ...machines(host),
    ...routeFaults(host),
    ...doubleAddresses(host),
  ].map((one) => ({ ...one, path: whole(one.path), against: one.against?.map(whole) ?? [] }));
}

type Path = readonly PropertyKey[];

/** A whole provider has a /32, the largest a /19. */
const widest = 29;

function* provider(host: Host): Generator<Complaint> {
  const { uplink, ipv6, ipv4, inside } = host;
  if (contains(ipv6.network, ipv6.address) && ipv6.address.bits === inside.network.bits) {
    yield {
      path: ['ipv6', 'address'],
      message: 'is the subnet-router anycast address (RFC 4291 §2.6.1), which no host can have',
      remedy: `Take another host part: address = "${formatAddress({ family: 6, bits: inside.network.bits + 2n })}"`,
      against: [['ipv6', 'network']],
    };
  }
  if (ipv6.network.length < widest) {
    yield {
      path: ['ipv6', 'network'],
      message: `${formatNetwork(ipv6.network)} is more than any provider gives to a host`,
      remedy:
        'Write what the order or the panel of the provider names: mostly a /64, a /56 or a /48.',
    };
  } else if (ipv6.network.length < 64 && uplink.mode !== 'routed-prefix') {
    // The one that the host's address is in, if it is in any of them.
    const within = contains(ipv6.network, ipv6.address) ? ipv6.address : ipv6.network;
    const usual = networkOf(within, 64);
    yield {
      path: ['ipv6', 'network'],
      message: `${formatNetwork(ipv6.network)} is more than a /64, which mode ${uplink.mode} has no use for`,
      remedy: `If the provider routes all of it here: uplink.mode = "routed-prefix"; else write the /64 of it, like network = "${formatNetwork(usual)}"`,
      against: [['uplink', 'mode']],
    };
  }
  if (uplink.mode === 'bridged' && uplink.mac === undefined) {
    yield {
      path: ['uplink'],
      message:
        'mode bridged needs mac: the bridge takes the MAC address of the card, and frames of the VMs are rewritten to it',
      remedy: `Add mac = "…": \`ip link show ${uplink.device}\` has it after link/ether.`,
      against: [
        ['uplink', 'mac'],
        ['uplink', 'mode'],
      ],
    };
  }
  if (uplink.mode === 'bridged' && !inside.bridge) {
    yield {
      path: ['uplink', 'mode'],
      message: 'bridged needs a bridge, and inside.bridge is false',
      remedy: 'Take inside.bridge = false away, or another mode.',
      against: [['inside', 'bridge']],
    };
  }
  if (uplink.mode === 'on-link' && uplink.proxy === 'kernel' && host.manager === 'netplan') {
    yield {
      path: ['uplink', 'proxy'],
      message: "netplan can't name addresses to the kernel's proxy",
      remedy: 'Write: proxy = "ndppd"',
      against: [['manager'], ['release']],
    };
  }
  if (
    !isLinkLocal(ipv6.gateway) &&
    contains(inside.network, ipv6.gateway) &&
    !sameAddress(ipv6.gateway, ipv6.address) &&
    uplink.mode === 'routed-link-local'
  ) {
    yield {
      path: ['ipv6', 'gateway'],
      message:
        'lies in the network of the VMs, where no packet of the host would look for the provider',
      remedy: 'With routed-link-local it is mostly gateway = "fe80::1".',
      against: [
        ['ipv6', 'network'],
        ['inside', 'network'],
        ['uplink', 'mode'],
      ],
    };
  }
  if (ipv4 !== undefined && sameAddress(ipv4.gateway, ipv4.address.address)) {
    yield {
      path: ['ipv4', 'gateway'],
      message: `${formatAddress(ipv4.gateway)} is the host's own address`,
      remedy: "Write the provider's router: `ip -4 route show default` names it after via.",
      against: [['ipv4', 'address']],
    };
  }
}

function* insideFaults(host: Host): Generator<Complaint> {
  const { inside, uplink } = host;
  if (inside.device === uplink.device) {
    yield {
      path: ['inside', 'device'],
      message: `${inside.device} is the uplink, too`,
      remedy: 'The inside needs a device of its own, like device = "br0".',
      against: [['uplink', 'device']],
    };
  }
  if (uplink.mode === 'bridged' && uplink.mac !== undefined && inside.bridge) {
    if (inside.mac !== uplink.mac) {
      yield {
        path: ['inside', 'mac'],
        message: "must be the card's with mode bridged: the provider knows no other",
        remedy: `Leave it out, or write: mac = "${uplink.mac}"`,
        against: [
          ['uplink', 'mac'],
          ['uplink', 'mode'],
        ],
      };
    }
  }
  if (!inside.bridge && host.vms.length > 0) {
    yield {
      path: ['inside', 'bridge'],
      message: 'is false, and there are VMs, which need a bridge',
      remedy: 'Take the line away, or the VMs.',
    };
  }
  if (!inside.bridge && inside.ports.length > 0) {
    yield {
      path: ['inside', 'ports'],
      message: 'belong to a bridge, and inside.bridge is false',
      remedy: 'Take one of the two away.',
      against: [['inside', 'bridge']],
    };
  }
  for (const [index, port] of inside.ports.entries()) {
    if (port === uplink.device) {
      yield {
        path: ['inside', 'ports', index],
        message: `${port} is the uplink`,
        remedy: 'Take it away here; with uplink.mode = "bridged" it becomes a port by itself.',
        against: [['uplink', 'device']],
      };
    }
  }
}

function* machines(host: Host): Generator<Complaint> {
  const { ipv4 } = host;
  for (const vm of host.vms) {
    const path = ['vm', vm.name, 'ipv4'];
    if (vm.mac === host.uplink.mac) {
      yield {
        path: ['vm', vm.name, 'mac'],
        message: `${vm.mac} is the MAC address of the uplink, too`,
        remedy: `Write the VM's own: \`virsh domiflist ${vm.name}\` shows it.`,
        against: [['uplink', 'mac']],
      };
    }
    if (vm.ipv4 === undefined) continue;
    const own = formatAddress(vm.ipv4);
    if (ipv4 === undefined) {
      yield {
        path,
        message: `${own} would go through the host's IPv4, of which there is none`,
        remedy: `Add [host.${host.name}.ipv4] with address and gateway, or take it away.`,
        against: [['ipv4']],
      };
    } else if (sameAddress(vm.ipv4, ipv4.gateway)) {
      yield {
        path,
        message: `${own} is the provider's router (ipv4.gateway)`,
        remedy: 'Write an address that the provider has assigned to you.',
        against: [['ipv4', 'gateway']],
      };
    }
    if (host.nat64 !== undefined && contains(host.nat64.pool, vm.ipv4)) {
      yield {
        path,
        message: `${own} is in the NAT64's pool ${formatNetwork(host.nat64.pool)}`,
        remedy:
          'Write an address that the provider has assigned to you, or take another private network as nat64.pool.',
        against: [['nat64', 'pool']],
      };
    }
  }
}
