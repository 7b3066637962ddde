import type { Complaint } from './complaint.js';
import type { Host } from './host.js';
import { formatAddress, sameAddress, type IpAddress } from './ip-address.js';

/** Each address once. */
export function* doubleAddresses(host: Host): Generator<Complaint> {
  const seen = new Map<string, Addressed>();
  for (const one of addresses(host)) {
    const text = formatAddress(one.address);
    const other = seen.get(text);
    if (other === undefined) {
      seen.set(text, one);
    } else if (one.mac !== undefined && one.mac === other.mac) {
      yield {
        path: one.path,
        message: `${one.mac} is the MAC address of ${other.what} as well, and both would be ${text}`,
        remedy: `Each VM has its own: \`virsh domiflist ${String(one.path[1])}\` shows it.`,
        against: [other.path],
      };
    } else {
      yield {
        path: one.path,
        message: `${one.what} has ${text}, and so has ${other.what} (${other.path.map(String).join('.')})`,
        remedy:
          one.mac === undefined
            ? 'Give one of the two another address.'
            : 'The address of a VM follows from its MAC address: change that, or the other address.',
        against: [other.path],
      };
    }
  }
}

interface Addressed {
  readonly path: readonly PropertyKey[];
  readonly address: IpAddress;
  readonly what: string;
  readonly mac?: string;
}

function* addresses(host: Host): Generator<Addressed> {
  const { ipv6, inside, ipv4, nat64, relay } = host;
  yield { path: ['ipv6', 'address'], address: ipv6.address, what: 'the host' };
  yield { path: ['ipv6', 'gateway'], address: ipv6.gateway, what: 'the gateway' };
  if (!sameAddress(inside.address, ipv6.address)) {
    yield { path: ['inside', 'address'], address: inside.address, what: `${inside.device}` };
  }
  if (ipv4 !== undefined) {
    yield { path: ['ipv4', 'address'], address: ipv4.address.address, what: 'the host' };
  }
  if (nat64 !== undefined) {
    yield { path: ['nat64', 'ipv6'], address: nat64.ipv6, what: 'the NAT64' };
  }
  if (relay !== undefined) yield { path: ['relay', 'as'], address: relay.as, what: 'the relay' };
  for (const { name, mac, address, ipv4: own } of host.vms) {
    yield { path: ['vm', name, 'mac'], address, mac, what: `VM ${name}` };
    if (own !== undefined) yield { path: ['vm', name, 'ipv4'], address: own, what: `VM ${name}` };
  }
}
