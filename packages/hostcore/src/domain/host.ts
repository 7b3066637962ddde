import type { IpAddress } from './ip-address.js';
import type { Interfaced, IpNetwork } from './ip-network.js';
import type { MacAddress } from './mac-address.js';

/**
 * The physical host as host.toml describes it, every default filled in and every address derived: nothing below
 * looks anything up. What stands in the file stands here; what the machine is like are facts (`facts.ts`).
 */
export interface Host {
  readonly name: string;
  readonly domain: string | undefined;
  readonly release: Release;
  readonly manager: Manager;
  readonly uplink: Uplink;
  readonly ipv6: Ipv6;
  readonly ipv4: Ipv4 | undefined;
  readonly inside: Inside;
  /** Recursive name servers of the provider, or public ones: for the host, and as forwarders of DNS64. */
  readonly resolvers: readonly IpAddress[];
  readonly vms: readonly Vm[];
  readonly nat64: Nat64 | undefined;
  readonly dns64: Dns64 | undefined;
  readonly ra: RouterAdvertisement | undefined;
  readonly relay: Relay | undefined;
  readonly routes: readonly StaticRoute[];
  readonly links: readonly Link[];
  readonly extras: Extras;
}

export const releases = ['debian12', 'debian13', 'ubuntu22.04', 'ubuntu24.04'] as const;
export type Release = (typeof releases)[number];

export const managers = ['networkd', 'netplan'] as const;
export type Manager = (typeof managers)[number];

export const uplinkModes = ['routed-link-local', 'bridged', 'on-link', 'routed-prefix'] as const;
export type UplinkMode = (typeof uplinkModes)[number];

export const neighbourProxies = ['ndppd', 'kernel'] as const;

export interface Uplink {
  readonly device: string;
  readonly mac: MacAddress | undefined;
  readonly mode: UplinkMode;
  /** Who answers the provider's neighbour solicitations for the VMs; for `on-link` alone. */
  readonly proxy: (typeof neighbourProxies)[number];
}

export interface Ipv6 {
  /** What the provider gave: a /64, or more with `routed-prefix`. */
  readonly network: IpNetwork;
  readonly address: IpAddress;
  /** Whether the host part was derived from the seed. */
  readonly derived: boolean;
  readonly seeded: boolean;
  readonly gateway: IpAddress;
}

export interface Ipv4 {
  readonly address: Interfaced;
  readonly gateway: IpAddress;
  /** Further networks that the provider routes to this host. */
  readonly networks: readonly IpNetwork[];
  /** Whether the provider resolves VMs' IPv4 addresses on the link (ARP) instead of routing them to the host's. */
  readonly onLink: boolean;
}

/** Where the VMs are; or, on a router without VMs, the device behind which the IPv6-only machines are. */
export interface Inside {
  readonly device: string;
  readonly bridge: boolean;
  readonly network: IpNetwork;
  readonly address: IpAddress;
  /** The bridge's own: without one it takes the lowest of its ports', and the VMs' default router moves with them. */
  readonly mac: MacAddress | undefined;
  /** Devices in the bridge beside the VMs'. */
  readonly ports: readonly string[];
}

export interface Vm {
  readonly name: string;
  readonly mac: MacAddress;
  readonly address: IpAddress;
  readonly ipv4: IpAddress | undefined;
  readonly memory: number;
  readonly cpus: number;
  readonly disk: number;
  readonly iso: string | undefined;
}

export const nat64Engines = ['tayga', 'jool'] as const;

export interface Nat64 {
  readonly engine: (typeof nat64Engines)[number];
  readonly prefix: IpNetwork;
  readonly pool: IpNetwork;
  /** The translator's own: where its ICMP errors come from. */
  readonly ipv4: IpAddress;
  readonly ipv6: IpAddress;
}

export const dns64Engines = ['bind', 'unbound'] as const;

export interface Dns64 {
  readonly engine: (typeof dns64Engines)[number];
  readonly forwarders: readonly IpAddress[];
  /** Networks that may ask, beside the inside network. */
  readonly clients: readonly IpNetwork[];
  readonly validate: boolean;
  readonly breakDnssec: boolean;
}

export const raEngines = ['radvd', 'networkd'] as const;
export const pref64Choices = ['auto', 'always', 'never'] as const;

export interface RouterAdvertisement {
  readonly engine: (typeof raEngines)[number];
  /** MaxRtrAdvInterval in seconds. */
  readonly interval: number;
  /** Of RDNSS, DNSSL, routes and PREF64, in seconds. */
  readonly lifetime: number;
  readonly resolvers: readonly IpAddress[];
  readonly search: readonly string[];
  readonly pref64: (typeof pref64Choices)[number];
}

/** Port 53 of the host's IPv4 address, for authorities and resolvers that have no IPv6. */
export interface Relay {
  readonly vm: string;
  readonly to: IpAddress;
  /** The address in the NAT64 pool that stands for the VM. */
  readonly as: IpAddress;
}

export interface StaticRoute {
  readonly to: IpNetwork;
  readonly via: IpAddress | undefined;
  readonly device: string;
}

/** A second card, towards other hosts (chapter 12 of the guide). */
export interface Link {
  readonly device: string;
  readonly addresses: readonly Interfaced[];
  /** Networks that are told to the others on this link by router advertisements. */
  readonly announce: readonly IpNetwork[];
  /** Whether routes that others announce are taken. */
  readonly accept: boolean;
}

export interface Extras {
  /** Size of /tmp in memory, as tmpfs takes it. */
  readonly tmpSize: string | undefined;
  readonly kvm: boolean;
  readonly libvirtUsers: readonly string[];
  readonly raidMail: string | undefined;
}

/** Where the host's own addresses are: on the bridge that has swallowed the card, or on the card. */
export function outerDevice(host: Host): string {
  return host.uplink.mode === 'bridged' ? host.inside.device : host.uplink.device;
}

/** Whether anything needs IPv4 to be forwarded. */
export function forwardsIpv4(host: Host): boolean {
  return host.nat64 !== undefined || host.vms.some(({ ipv4 }) => ipv4 !== undefined);
}
