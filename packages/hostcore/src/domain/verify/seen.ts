import type { AddressFact, ChainFact, DeviceFact, RouteFact } from '../facts.js';
import type { IpAddress } from '../ip-address.js';
import type { RouterAdvert } from './router-advert.js';
import type { Targets } from './targets.js';

/** Everything that was observed of a host; what it means is judged beside (`judge.ts`), without looking again. */
export interface Seen {
  readonly targets: Targets;
  readonly kernel: KernelSeen;
  /** By a client on the bridge. */
  readonly client: Looked<ClientSeen>;
  /** By a stranger, whose address is in none of the host's networks. */
  readonly stranger: Looked<StrangerSeen>;
  /** Frames that left through the card meanwhile. */
  readonly uplink: Looked<UplinkSeen>;
}

/** What could not be looked at is never taken for good. */
export type Looked<T> =
  { readonly kind: 'seen'; readonly value: T } | { readonly kind: 'blind'; readonly why: string };

export interface KernelSeen {
  readonly devices: readonly DeviceFact[];
  readonly routes: readonly RouteFact[];
  readonly sysctls: ReadonlyMap<string, string>;
  /** Chains that packets pass; undefined where the rules can't be read. */
  readonly chains: readonly ChainFact[] | undefined;
  /** Names of programs that run in the host's network namespace. */
  readonly programs: ReadonlySet<string>;
  /** Behind which port of the bridge a MAC address was heard. */
  readonly ports: ReadonlyMap<string, string>;
  /** From the host itself, to tell its own way from the VMs'. */
  readonly ipv4: Reach;
  readonly ipv6: Reach;
}

/** How an attempt to connect ended. */
export type Reach = 'connected' | 'refused' | 'silent' | 'no route';

export interface ClientSeen {
  readonly mac: string;
  /** That it must derive. */
  readonly address: IpAddress;
  readonly adverts: readonly RouterAdvert[];
  /** Why no advertisement could be heard, whatever was sent. */
  readonly deaf: string | undefined;
  /** Whether an advertisement that nobody believes came by, for the uplink to be seen keeping it in. */
  readonly baited: boolean;
  readonly addresses: readonly AddressFact[];
  readonly routes: readonly RouteFact[];
  /** Whether this kernel takes routes from advertisements (RFC 4191). */
  readonly takesRoutes: boolean;
  /** What the advertised name server, or ours, was asked; undefined where host.toml has none. */
  readonly names: NamesSeen | undefined;
  /** Through the NAT64; undefined where host.toml has none. */
  readonly ipv4: Reach | undefined;
  readonly ipv6: Reach;
  readonly machines: ReadonlyMap<string, MachineSeen>;
}

export interface NamesSeen {
  readonly server: IpAddress;
  /** Of the name with IPv4 alone: its addresses, and what was made of them. */
  readonly four: Lookup;
  readonly made: Lookup;
  /** Of the name that has IPv6. */
  readonly six: Lookup;
}

/** How a question to a name server ended. */
export type Lookup =
  | { readonly kind: 'answered'; readonly rcode: number; readonly addresses: readonly IpAddress[] }
  /** Nothing listens there. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'silent' };

export interface MachineSeen {
  readonly echo: boolean;
  /** The MAC address that answered for its IPv6 address. */
  readonly mac: string | undefined;
}

export interface StrangerSeen {
  /** As whom it asked, to be found again in a log. */
  readonly addresses: readonly IpAddress[];
  /** Whether the host answered an echo request at all: without, silence proves nothing. */
  readonly heard: boolean;
  readonly asked: readonly { readonly server: IpAddress; readonly answer: Lookup }[];
  /** Machines, by name, that answered an echo request from outside, by IPv6 and at their IPv4 address. */
  readonly ipv6: ReadonlyMap<string, boolean>;
  readonly ipv4: ReadonlyMap<string, boolean>;
  /** Of IPv4 addresses on the inside, the MAC address that the host heard for them. */
  readonly neighbours: ReadonlyMap<string, string>;
}

export interface UplinkSeen {
  readonly card: string;
  /** Frames of the client that were seen leaving: without any, an empty list of leaks proves nothing. */
  readonly own: number;
  /** Source addresses that are not the card's. */
  readonly foreign: readonly string[];
  readonly adverts: number;
  /** Whether an advertisement to all was sent on the bridge meanwhile, and seen there. */
  readonly baited: boolean;
}
