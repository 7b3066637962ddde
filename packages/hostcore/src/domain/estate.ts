import type { Complaint } from './complaint.js';
import type { Host } from './host.js';
import { formatAddress, type IpAddress } from './ip-address.js';
import { formatNetwork, overlaps } from './ip-network.js';

/** What hosts of one file must not share. Each host's own contradictions are in `consistency.ts`. */
export function estateContradictions(hosts: readonly Host[]): readonly Complaint[] {
  return [...sharedNetworks(hosts), ...sharedAddresses(hosts), ...sharedCards(hosts)];
}

function* sharedNetworks(hosts: readonly Host[]): Generator<Complaint> {
  for (const [index, host] of hosts.entries()) {
    const other = hosts
      .slice(0, index)
      .find((one) => overlaps(one.ipv6.network, host.ipv6.network));
    if (other === undefined) continue;
    yield {
      path: ['host', host.name, 'ipv6', 'network'],
      message: `${formatNetwork(host.ipv6.network)} overlaps that of ${other.name}: packets would reach one of the two`,
      remedy:
        'Write what the provider gave to this host; where one is a copy of the other, change all of it.',
      against: [['host', other.name, 'ipv6', 'network']],
    };
  }
}

function* sharedAddresses(hosts: readonly Host[]): Generator<Complaint> {
  const seen = new Map<string, string>();
  for (const host of hosts) {
    const own: readonly (readonly [readonly PropertyKey[], IpAddress | undefined])[] = [
      [['ipv4', 'address'], host.ipv4?.address.address],
      ...host.vms.map((vm) => [['vm', vm.name, 'ipv4'], vm.ipv4] as const),
    ];
    for (const [path, address] of own) {
      if (address === undefined) continue;
      const text = formatAddress(address);
      const other = seen.get(text);
      if (other !== undefined && other !== host.name) {
        const message = `${text} is on ${other} as well`;
        const remedy = 'An address is on one host: take it away at the other, or correct it.';
        yield { path: ['host', host.name, ...path], message, remedy };
      }
      seen.set(text, host.name);
    }
  }
}

/** The same MAC address on two hosts is a VM that was copied, or a card that was mistaken. */
function* sharedCards(hosts: readonly Host[]): Generator<Complaint> {
  const seen = new Map<string, string>();
  for (const host of hosts) {
    const { mac } = host.uplink;
    if (mac === undefined) continue;
    const other = seen.get(mac);
    if (other !== undefined) {
      yield {
        path: ['host', host.name, 'uplink', 'mac'],
        message: `${mac} is the card of ${other} as well`,
        remedy: `Write the one that \`ip link show ${host.uplink.device}\` has on ${host.name}.`,
        against: [['host', other, 'uplink', 'mac']],
      };
    }
    seen.set(mac, host.name);
  }
}
