import { nearest } from '@sixhub/base';
import type { Complaint } from '../domain/complaint.js';
import type { Dns64, Host, Nat64, Relay, RouterAdvertisement, Vm } from '../domain/host.js';
import type { IpAddress } from '../domain/ip-address.js';
import { contains, nthAddress, nthSubnet, type IpNetwork } from '../domain/ip-network.js';
import { slaacAddress, type MacAddress } from '../domain/mac-address.js';
import { stableAddress, stableMac, type Digest } from '../domain/stable-address.js';
import type { HostTable } from './host-toml.js';

/** One host of host.toml with its defaults and derived addresses; what can't be derived is complained of. */
export interface Described {
  readonly host: Host;
  readonly complaints: readonly Complaint[];
}

type Complain = (
  path: readonly PropertyKey[],
  message: string,
  remedy: string,
  against?: readonly (readonly PropertyKey[])[],
) => void;

export function describeHost(name: string, table: HostTable, digest: Digest): Described {
  const complaints: Complaint[] = [];
  const complain: Complain = (path, message, remedy, against = []) => {
    const whole = (one: readonly PropertyKey[]): readonly PropertyKey[] => ['host', name, ...one];
    complaints.push({ path: whole(path), message, remedy, against: against.map(whole) });
  };
  const { uplink, ipv6, ipv4 } = table;
  const seed = ipv6.seed ?? `${uplink.mac ?? ''} ${name}`;
  const random = (network: IpNetwork, purpose: string): IpAddress =>
    stableAddress(network, purpose, seed, digest);
  const own = ipv6.network.length < 64 ? nthSubnet(ipv6.network, 64, 0n) : ipv6.network;
  const address = ipv6.address === 'random' ? random(own, 'host') : ipv6.address;
  const network = table.inside.network ?? own;
  const inside = {
    device: table.inside.device,
    bridge: table.inside.bridge,
    ports: table.inside.ports,
    network,
    mac: bridgeMac(table, name, seed, digest),
    // On the bridge the host answers neighbour solicitations for an address that is there, whatever the card has.
    address:
      table.inside.address ?? (contains(network, address) ? address : nthAddress(network, 1n)),
  };
  const vms = Object.entries(table.vm).map(([vmName, vm]): Vm => {
    const { mac, memory, cpus, disk, iso } = vm;
    const slaac = slaacAddress(network, mac);
    return { name: vmName, mac, address: slaac, ipv4: vm.ipv4, memory, cpus, disk, iso };
  });
  const nat64 = table.nat64 === undefined ? undefined : translator(table.nat64, network, random);
  const dns64 = table.dns64 === undefined ? undefined : resolver(table.dns64, table.resolvers);
  const host: Host = {
    ...{ name, domain: table.domain, release: table.release, resolvers: table.resolvers },
    manager: table.manager ?? (table.release.startsWith('ubuntu') ? 'netplan' : 'networkd'),
    uplink: { device: uplink.device, mac: uplink.mac, mode: uplink.mode, proxy: uplink.proxy },
    ipv6: {
      ...{ network: ipv6.network, address, gateway: ipv6.gateway },
      derived: ipv6.address === 'random',
      seeded: ipv6.seed !== undefined,
    },
    ipv4:
      ipv4 === undefined
        ? undefined
        : {
            ...{ address: ipv4.address, gateway: ipv4.gateway },
            ...{ networks: ipv4.networks, onLink: ipv4['on-link'] },
          },
    ...{ inside, vms, nat64, dns64 },
    ra: advertisement(table, inside.address, dns64),
    relay: relayTo(name, table, { vms, nat64 }, complain),
    routes: table.route.map(({ to, via, device }) => ({ to, via, device })),
    links: Object.entries(table.link).map(([device, link]) => ({ device, ...link })),
    extras: {
      tmpSize: table.extras['tmp-size'],
      kvm: table.extras.kvm ?? vms.length > 0,
      libvirtUsers: table.extras['libvirt-users'],
      raidMail: table.extras['raid-mail'],
    },
  };
  return { host, complaints };
}

/** In mode bridged the provider knows the card's MAC address alone; else the bridge's only has to stay. */
function bridgeMac(
  { inside, uplink }: HostTable,
  name: string,
  seed: string,
  digest: Digest,
): MacAddress | undefined {
  if (!inside.bridge) return undefined;
  if (inside.mac !== undefined) return inside.mac;
  return uplink.mode === 'bridged'
    ? uplink.mac
    : stableMac(`${name} ${inside.device}`, seed, digest);
}

type Random = (network: IpNetwork, purpose: string) => IpAddress;

function translator(
  table: NonNullable<HostTable['nat64']>,
  network: IpNetwork,
  random: Random,
): Nat64 {
  return {
    ...{ engine: table.engine, prefix: table.prefix, pool: table.pool },
    ipv4: table.ipv4 ?? nthAddress(table.pool, 1n),
    ipv6: table.ipv6 === 'random' ? random(network, 'nat64') : table.ipv6,
  };
}

function resolver(table: NonNullable<HostTable['dns64']>, resolvers: readonly IpAddress[]): Dns64 {
  return {
    engine: table.engine,
    forwarders: table.forwarders ?? resolvers,
    clients: table.clients,
    validate: table.validate,
    breakDnssec: table['break-dnssec'],
  };
}

function advertisement(
  table: HostTable,
  own: IpAddress,
  dns64: Dns64 | undefined,
): RouterAdvertisement | undefined {
  if (table.ra === undefined) return undefined;
  const { engine, interval, pref64 } = table.ra;
  const usual = dns64 === undefined ? table.resolvers.filter(({ family }) => family === 6) : [own];
  return {
    ...{ engine, interval, pref64 },
    // RFC 8106 §5.1: resolvers hold for at least three intervals. Routes fare as well with it.
    lifetime: table.ra.lifetime ?? 3 * interval,
    resolvers: table.ra.resolvers ?? usual,
    search: table.ra.search ?? (table.domain === undefined ? [] : [table.domain]),
  };
}

function relayTo(
  name: string,
  table: HostTable,
  { vms, nat64 }: Pick<Host, 'vms' | 'nat64'>,
  complain: Complain,
): Relay | undefined {
  if (table.relay === undefined) return undefined;
  const { to, as } = table.relay;
  const vm = vms.find((one) => one.name === to);
  if (vm === undefined) {
    const names = vms.map((one) => one.name);
    const meant = nearest(to, names);
    const has = names.length === 0 ? '' : `; there are ${names.join(', ')}`;
    const remedy =
      meant === undefined
        ? `Describe it: [host.${name}.vm.${to}], with its mac${has}.`
        : `Did you mean '${meant}'? Write: to = "${meant}"`;
    complain(['relay', 'to'], `there is no VM '${to}'`, remedy, [['vm', to]]);
  }
  if (nat64 === undefined) {
    complain(
      ['relay'],
      'port 53 is relayed by the NAT64, and there is none',
      `Add [host.${name}.nat64], or take relay away.`,
      [['nat64']],
    );
  }
  if (vm === undefined || nat64 === undefined) return undefined;
  // The last address of the pool is its broadcast address to some readers.
  const last = nthAddress(nat64.pool, (1n << BigInt(32 - nat64.pool.length)) - 2n);
  return { vm: to, to: vm.address, as: as ?? last };
}
