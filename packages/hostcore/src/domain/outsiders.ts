import type { Complaint } from './complaint.js';
import type { Host } from './host.js';
import { formatAddress, type IpAddress } from './ip-address.js';
import { contains, formatNetwork, networkOf } from './ip-network.js';

/** What must lie in the provider's network and does not: where several agree, the network is what is wrong, told once. */
export function outsiders(host: Host): readonly Complaint[] {
  const { ipv6, inside, nat64 } = host;
  const given = formatNetwork(ipv6.network);
  const inner = formatNetwork(inside.network);
  const own = contains(ipv6.network, ipv6.address);
  const held = contains(ipv6.network, inside.network);
  const out: readonly Outsider[] = [
    ...(own ? [] : [{ path: ['ipv6', 'address'], value: ipv6.address, of: given }]),
    ...(held ? [] : [{ path: ['inside', 'network'], value: inside.network, of: given }]),
    ...(contains(inside.network, inside.address)
      ? []
      : [{ path: ['inside', 'address'], value: inside.address, of: inner }]),
    // A derived host part has 64 bits: that a longer network has no room is lint's to say (prefix-not-64).
    ...(nat64 === undefined || inside.network.length > 64 || isHeld(host, nat64.ipv6)
      ? []
      : [{ path: ['nat64', 'ipv6'], value: nat64.ipv6, of: inner }]),
  ];
  const around = [...new Set(out.map(({ value }) => formatNetwork(networkOf(value, 64))))];
  const [first] = around;
  if (out.length > 1 && around.length === 1 && first !== undefined && !own) {
    const names = out.map(({ path }) => path.join('.')).join(' and ');
    return [
      {
        path: ['ipv6', 'network'],
        message: `${names} are in ${first}, and not in ${given}`,
        remedy: `If these are right: network = "${first}"; else correct them.`,
        against: out.map(({ path }) => path),
      },
    ];
  }
  return out.map(({ path, value, of }) => ({
    path,
    message: `${'length' in value ? formatNetwork(value) : formatAddress(value)} is not in ${of}`,
    remedy: `Take one of ${of}${path[0] === 'ipv6' ? ', or "random"' : ', or leave it out'}; or correct that network.`,
    against: [
      ['ipv6', 'network'],
      ['inside', 'network'],
    ],
  }));
}

interface Outsider {
  readonly path: readonly PropertyKey[];
  readonly value: IpAddress | Host['inside']['network'];
  readonly of: string;
}

/** Where the network is too wide for the mode, and told for that, which of its /64s is meant is not known yet. */
function isHeld({ ipv6, inside, uplink }: Host, address: IpAddress): boolean {
  const isWide = ipv6.network.length < 64 && uplink.mode !== 'routed-prefix';
  return contains(isWide ? ipv6.network : inside.network, address);
}
