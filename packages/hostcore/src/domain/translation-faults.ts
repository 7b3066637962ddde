import type { Complaint } from './complaint.js';
import type { Host } from './host.js';
import { formatAddress, sameAddress, type IpAddress } from './ip-address.js';
import { contains, formatNetwork, overlaps, type IpNetwork } from './ip-network.js';

/** What NAT64, its relay and DNS64 contradict, in each other and in the networks around them. */
export function* translationFaults(host: Host): Generator<Complaint> {
  yield* translator(host);
  yield* pool(host);
  yield* relayFaults(host);
  yield* resolver(host);
}

function* translator({ name, nat64, ipv4 }: Host): Generator<Complaint> {
  if (nat64 === undefined) return;
  if (ipv4 === undefined) {
    yield {
      path: ['nat64'],
      message: 'translates to IPv4, of which the host has none',
      remedy: `Add [host.${name}.ipv4] with address and gateway, or take nat64 away.`,
      against: [['ipv4']],
    };
  }
  if (nat64.prefix.length !== 96) {
    yield {
      path: ['nat64', 'prefix'],
      message: `${formatNetwork(nat64.prefix)} is no /96 (RFC 6052 §2.2 knows other lengths; tayga, DNS64 and RA would have to agree)`,
      remedy: 'Write: prefix = "64:ff9b::/96", or a /96 of your own.',
    };
  }
  if (!contains(nat64.pool, nat64.ipv4)) {
    yield {
      path: ['nat64', 'ipv4'],
      message: `${formatAddress(nat64.ipv4)} is not in the pool ${formatNetwork(nat64.pool)}`,
      remedy: "Leave it out: it is the pool's first address then.",
      against: [['nat64', 'pool']],
    };
  }
}

function* pool({ nat64, ipv4 }: Host): Generator<Complaint> {
  if (nat64 === undefined || ipv4 === undefined) return;
  const path = ['nat64', 'pool'];
  const text = formatNetwork(nat64.pool);
  const private_ =
    'Take a private network that nothing else here uses, like pool = "192.168.255.0/24".';
  const others: readonly { readonly key: string; readonly value: IpAddress | IpNetwork }[] = [
    { key: 'ipv4.address', value: ipv4.address.address },
    { key: 'ipv4.gateway', value: ipv4.gateway },
    ...ipv4.networks.map((value) => ({ key: 'ipv4.networks', value })),
  ];
  const taken = others.filter(({ value }) =>
    'length' in value ? overlaps(nat64.pool, value) : contains(nat64.pool, value),
  );
  if (taken.length > 0) {
    const what = taken.map(
      ({ key, value }) =>
        `${'length' in value ? formatNetwork(value) : formatAddress(value)} (${key})`,
    );
    yield {
      ...{ path, message: `${text} overlaps ${what.join(', ')}`, remedy: private_ },
      against: [['ipv4']],
    };
  }
  if (nat64.pool.length > 30) {
    const message = `${text} has no room: a /30 is the least`;
    yield { path, message, remedy: 'A /24 is usual: pool = "192.168.255.0/24"' };
  }
}

function* relayFaults({ relay, nat64 }: Host): Generator<Complaint> {
  if (relay === undefined || nat64 === undefined) return;
  const remedy = "Leave it out: it is the pool's last but one then.";
  const path = ['relay', 'as'];
  const text = formatAddress(relay.as);
  if (!contains(nat64.pool, relay.as)) {
    const message = `${text} is not in the pool ${formatNetwork(nat64.pool)}`;
    yield { path, message, remedy, against: [['nat64', 'pool']] };
  } else if (sameAddress(relay.as, nat64.ipv4)) {
    const message = `${text} is the translator's own address (nat64.ipv4)`;
    yield { path, message, remedy, against: [['nat64', 'ipv4']] };
  }
}

function* resolver({ name, dns64, nat64 }: Host): Generator<Complaint> {
  if (dns64 === undefined) return;
  if (dns64.forwarders.length === 0) {
    yield {
      path: ['dns64'],
      message: 'has nobody to ask',
      remedy: `Below [host.${name}], name the provider's name servers: resolvers = ["…"]; or below dns64: forwarders = ["…"].`,
      against: [['resolvers']],
    };
  }
  if (nat64 === undefined) {
    yield {
      path: ['dns64'],
      message: 'makes addresses for a NAT64, and there is none',
      remedy: `Add [host.${name}.nat64], or take dns64 away.`,
      against: [['nat64']],
    };
  }
}
