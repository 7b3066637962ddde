import type { Dns64, Host, Nat64 } from '../domain/host.js';
import { formatAddress } from '../domain/ip-address.js';
import { formatNetwork, sameNetwork } from '../domain/ip-network.js';
import { wellKnownPrefix } from '../domain/special-networks.js';
import { text, type Part } from './part.js';

/** The name server that makes addresses (RFC 6147), for the inside network alone. */
export function resolverFiles(host: Host): readonly Part[] {
  const { dns64, nat64 } = host;
  if (dns64 === undefined || nat64 === undefined) return [];
  return [dns64.engine === 'bind' ? bind(host, dns64, nat64) : unbound(host, dns64, nat64)];
}

/** RFC 6052 §3.1: the well-known prefix never stands for addresses that are nobody's in the internet. */
const notGlobal = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

function bind({ inside }: Host, dns64: Dns64, nat64: Nat64): Part {
  const clients = ['::1', formatNetwork(inside.network), ...dns64.clients.map(formatNetwork)];
  const mapped = sameNetwork(nat64.prefix, wellKnownPrefix)
    ? [...notGlobal.map((one) => `!${one};`), 'any;']
    : ['any;'];
  return {
    path: '/etc/bind/named.conf.options',
    purpose: 'DNS64: IPv6 addresses for names that have IPv4 alone.',
    mark: '//',
    body: text([
      'acl sixhub-clients {',
      ...clients.map((one) => `\t${one};`),
      '};',
      '',
      'options {',
      '\tdirectory "/var/cache/bind";',
      '',
      '\tforwarders {',
      ...dns64.forwarders.map((one) => `\t\t${formatAddress(one)};`),
      '\t};',
      '\tforward only;',
      `\tdnssec-validation ${dns64.validate ? 'auto' : 'no'};`,
      '',
      '\t// IPv6 alone, at the address that is advertised: nobody outside finds a resolver here.',
      '\tlisten-on { none; };',
      `\tlisten-on-v6 { ::1; ${formatAddress(inside.address)}; };`,
      '\trecursion yes;',
      // localnets would follow the devices: every network that the host gets an address in could ask.
      '\tallow-query { sixhub-clients; };',
      '\tallow-query-cache { sixhub-clients; };',
      '\tallow-recursion { sixhub-clients; };',
      '',
      `\tdns64 ${formatNetwork(nat64.prefix)} {`,
      '\t\tclients { sixhub-clients; };',
      `\t\tmapped { ${mapped.join(' ')} };`,
      '\t\t// An AAAA record that hides an IPv4 address is none (RFC 6147 §5.1.4).',
      '\t\texclude { ::ffff:0:0/96; };',
      '\t\trecursive-only yes;',
      `\t\tbreak-dnssec ${dns64.breakDnssec ? 'yes' : 'no'};`,
      '\t};',
      '};',
    ]),
    taker: { kind: 'service', unit: 'named.service', how: 'reload' },
  };
}

function unbound({ inside }: Host, dns64: Dns64, nat64: Nat64): Part {
  const clients = ['::1/128', formatNetwork(inside.network), ...dns64.clients.map(formatNetwork)];
  return {
    path: '/etc/unbound/unbound.conf.d/sixhub.conf',
    purpose: 'DNS64: IPv6 addresses for names that have IPv4 alone.',
    body: text([
      'server:',
      '  interface: ::1',
      `  interface: ${formatAddress(inside.address)}`,
      // The address may be there a moment after the daemon at boot.
      '  ip-freebind: yes',
      ...clients.map((one) => `  access-control: ${one} allow`),
      `  module-config: "dns64 ${dns64.validate ? 'validator ' : ''}iterator"`,
      `  dns64-prefix: ${formatNetwork(nat64.prefix)}`,
      // An AAAA record that hides an IPv4 address is none (RFC 6147 §5.1.4).
      '  private-address: ::ffff:0:0/96',
      '',
      'forward-zone:',
      '  name: "."',
      ...dns64.forwarders.map((one) => `  forward-addr: ${formatAddress(one)}`),
    ]),
    // Told to reload, Unbound goes on listening where it did.
    taker: { kind: 'service', unit: 'unbound.service', how: 'restart' },
  };
}
