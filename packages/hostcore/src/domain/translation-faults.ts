import type { Complaint } from './complaint.js';
import type { Host } from './host.js';
import { formatAddress, sameAddress } from './ip-address.js';
import { contains, formatNetwork, overlaps } from './ip-network.js';

/** What NAT64, its relay and DNS64 contradict, in each other and in the networks around them. */
export function* translationFaults(host: Host): Generator<Complaint> {
  yield* translator(host);
  yield* pool(host);
  yield* relayFaults(host);
  yield* resolver(host);
}

function* translator({ nat64, ipv4, inside }: Host): Generator<Complaint> {
  if (nat64 === undefined) return;
  if (ipv4 === undefined) {
    yield at(['nat64'], 'translates to IPv4, of which the host has none; add a table ipv4');
  }
  if (nat64.prefix.length !== 96) {
    yield at(
      ['nat64', 'prefix'],
      'must be a /96 here (RFC 6052 §2.2 knows others, DNS64 and RA would have to agree)',
    );
  }
  if (!contains(nat64.pool, nat64.ipv4)) {
    yield at(['nat64', 'ipv4'], `is not in the pool ${formatNetwork(nat64.pool)}`);
  }
  if (!contains(inside.network, nat64.ipv6)) {
    yield at(
      ['nat64', 'ipv6'],
      `is not in ${formatNetwork(inside.network)}, so nobody would find it`,
    );
  }
}

function* pool({ nat64, ipv4 }: Host): Generator<Complaint> {
  if (nat64 === undefined || ipv4 === undefined) return;
  for (const taken of [ipv4.address.address, ipv4.gateway]) {
    if (!contains(nat64.pool, taken)) continue;
    yield at(
      ['nat64', 'pool'],
      `has ${formatAddress(taken)} in it, which is the host's or its gateway's; take another private network`,
    );
  }
  for (const network of ipv4.networks) {
    if (!overlaps(nat64.pool, network)) continue;
    yield at(['nat64', 'pool'], `overlaps ${formatNetwork(network)} of ipv4.networks`);
  }
  if (nat64.pool.length > 30) {
    yield at(['nat64', 'pool'], 'has no room: a /30 is the least, a /24 is usual');
  }
}

function* relayFaults({ relay, nat64 }: Host): Generator<Complaint> {
  if (relay === undefined || nat64 === undefined) return;
  if (!contains(nat64.pool, relay.as)) {
    yield at(['relay', 'as'], `is not in the pool ${formatNetwork(nat64.pool)}`);
  } else if (sameAddress(relay.as, nat64.ipv4)) {
    yield at(['relay', 'as'], "is the translator's own address (nat64.ipv4)");
  }
}

function* resolver({ dns64, nat64 }: Host): Generator<Complaint> {
  if (dns64 === undefined) return;
  if (dns64.forwarders.length === 0) {
    yield at(
      ['dns64'],
      'has nobody to ask; name resolvers = ["…"] of the provider, or dns64.forwarders',
    );
  }
  if (nat64 === undefined) {
    yield at(['dns64'], 'makes addresses for a NAT64, and there is none; add a table nat64');
  }
}

function at(path: readonly PropertyKey[], message: string): Complaint {
  return { path, message };
}
