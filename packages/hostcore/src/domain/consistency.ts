import type { Complaint } from './complaint.js';
import { outerDevice, type Host } from './host.js';
import { translationFaults } from './translation-faults.js';
import { formatAddress, isLinkLocal, sameAddress, type IpAddress } from './ip-address.js';
import { contains, formatNetwork, overlaps } from './ip-network.js';

/** Whether a host's description contradicts itself. Nothing can be rendered from one that does. */
export function contradictions(host: Host): readonly Complaint[] {
  return [
    ...provider(host),
    ...insideFaults(host),
    ...translationFaults(host),
    ...machines(host),
    ...routes(host),
    ...doubles(host),
  ].map(({ path, message }) => ({ path: ['host', host.name, ...path], message }));
}

function* provider(host: Host): Generator<Complaint> {
  const { uplink, ipv6, ipv4 } = host;
  if (!contains(ipv6.network, ipv6.address)) {
    yield at(
      ['ipv6', 'address'],
      `${formatAddress(ipv6.address)} is not in ${formatNetwork(ipv6.network)}`,
    );
  } else if (ipv6.address.bits === host.inside.network.bits) {
    yield at(
      ['ipv6', 'address'],
      'is the subnet-router anycast address (RFC 4291 §2.6.1), which no host can have as its own; take another host part',
    );
  }
  if (ipv6.network.length < 64 && uplink.mode !== 'routed-prefix') {
    yield at(
      ['ipv6', 'network'],
      `is more than a /64, which mode ${uplink.mode} has no use for; set uplink.mode = "routed-prefix", or write the /64`,
    );
  }
  if (uplink.mode === 'bridged' && uplink.mac === undefined) {
    yield at(
      ['uplink'],
      'mode bridged needs mac: the bridge takes the MAC address of the card, and frames of the VMs are rewritten to it',
    );
  }
  if (uplink.mode === 'bridged' && !host.inside.bridge) {
    yield at(
      ['uplink', 'mode'],
      'bridged needs a bridge, and inside.bridge is false; take another mode',
    );
  }
  if (uplink.mode === 'on-link' && uplink.proxy === 'kernel' && host.manager === 'netplan') {
    yield at(
      ['uplink', 'proxy'],
      'netplan can\'t name addresses to the kernel\'s proxy; take "ndppd"',
    );
  }
  if (
    !isLinkLocal(ipv6.gateway) &&
    contains(host.inside.network, ipv6.gateway) &&
    uplink.mode === 'routed-link-local'
  ) {
    yield at(
      ['ipv6', 'gateway'],
      'lies in the network of the VMs, where no packet of the host would look for the provider; with routed-link-local it is mostly "fe80::1"',
    );
  }
  if (ipv4 !== undefined && sameAddress(ipv4.gateway, ipv4.address.address)) {
    yield at(['ipv4', 'gateway'], "is the host's own address");
  }
}

function* insideFaults(host: Host): Generator<Complaint> {
  const { inside, uplink, ipv6 } = host;
  if (inside.device === uplink.device) {
    yield at(
      ['inside', 'device'],
      `is the uplink, too; the inside needs a device of its own, like "br0"`,
    );
  }
  if (!contains(ipv6.network, inside.network)) {
    yield at(
      ['inside', 'network'],
      `is not in ${formatNetwork(ipv6.network)}, which is what the provider gave`,
    );
  }
  if (!contains(inside.network, inside.address)) {
    yield at(['inside', 'address'], `is not in ${formatNetwork(inside.network)}`);
  }
  if (uplink.mode === 'bridged' && inside.mac !== uplink.mac) {
    yield at(
      ['inside', 'mac'],
      "must be the card's with mode bridged: the provider knows no other",
    );
  }
  if (!inside.bridge && host.vms.length > 0) {
    yield at(['inside', 'bridge'], 'is false, and there are VMs, which need a bridge');
  }
  if (!inside.bridge && inside.ports.length > 0) {
    yield at(['inside', 'ports'], 'belong to a bridge, and inside.bridge is false');
  }
  for (const [index, port] of inside.ports.entries()) {
    if (port === uplink.device) {
      yield at(
        ['inside', 'ports', index],
        'is the uplink; with mode "bridged" it becomes a port by itself',
      );
    }
  }
}

function* machines(host: Host): Generator<Complaint> {
  const { ipv4 } = host;
  for (const vm of host.vms) {
    if (vm.mac === host.uplink.mac) {
      yield at(['vm', vm.name, 'mac'], 'is the MAC address of the uplink, too');
    }
    if (vm.ipv4 !== undefined && ipv4 === undefined) {
      yield at(
        ['vm', vm.name, 'ipv4'],
        "goes through the host's IPv4, of which there is none; add a table ipv4",
      );
    }
    if (vm.ipv4 !== undefined && ipv4 !== undefined && sameAddress(vm.ipv4, ipv4.gateway)) {
      yield at(['vm', vm.name, 'ipv4'], "is the provider's router (ipv4.gateway)");
    }
    if (vm.ipv4 !== undefined && host.nat64 !== undefined && contains(host.nat64.pool, vm.ipv4)) {
      yield at(['vm', vm.name, 'ipv4'], `is in the NAT64's pool ${formatNetwork(host.nat64.pool)}`);
    }
  }
}

function* routes(host: Host): Generator<Complaint> {
  const { uplink, inside, links } = host;
  const devices = [uplink.device, inside.device, ...links.map(({ device }) => device)];
  for (const [index, route] of host.routes.entries()) {
    if (!devices.includes(route.device)) {
      yield at(
        ['route', index, 'device'],
        `'${route.device}' is not described; there are ${devices.join(', ')}, and link.NAME adds one`,
      );
    }
    if (route.device === uplink.device && outerDevice(host) !== route.device) {
      yield at(
        ['route', index, 'device'],
        `is a port of ${inside.device} with mode bridged; route through ${inside.device}`,
      );
    }
    if (route.via !== undefined && route.via.family !== route.to.family) {
      yield at(
        ['route', index, 'via'],
        `is IPv${route.via.family}, and the destination is IPv${route.to.family}`,
      );
    }
    if (overlaps(route.to, inside.network) && contains(inside.network, route.to)) {
      yield at(
        ['route', index, 'to'],
        `is in the network of the VMs, ${formatNetwork(inside.network)}`,
      );
    }
  }
  for (const [index, link] of links.entries()) {
    if (link.device === uplink.device || link.device === inside.device) {
      yield at(['link', link.device], 'is described already, as uplink or inside');
    }
    if (links.findIndex((one) => one.device === link.device) !== index) {
      yield at(['link', link.device], 'is there twice');
    }
  }
}

/** Each address once. */
function* doubles(host: Host): Generator<Complaint> {
  const seen = new Map<string, string>();
  for (const { path, address, what } of addresses(host)) {
    const text = formatAddress(address);
    const other = seen.get(text);
    if (other === undefined) seen.set(text, what);
    else yield at(path, `${what} has ${text}, and so has ${other}`);
  }
}

function* addresses(
  host: Host,
): Generator<{ path: readonly PropertyKey[]; address: IpAddress; what: string }> {
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
  for (const vm of host.vms) {
    yield {
      path: ['vm', vm.name, 'mac'],
      address: vm.address,
      what: `VM ${vm.name} (by its MAC address)`,
    };
    if (vm.ipv4 !== undefined) {
      yield { path: ['vm', vm.name, 'ipv4'], address: vm.ipv4, what: `VM ${vm.name}` };
    }
  }
}

function at(path: readonly PropertyKey[], message: string): Complaint {
  return { path, message };
}
