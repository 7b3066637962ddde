import type { RewritingRule } from '../facts.js';

/** What the kernel does on the devices of a description, as words that make it so again. */
export interface KernelState {
  readonly devices: readonly DeviceState[];
  /** All other links by name, with their bridge; empty without one. They are others', VMs' above all. */
  readonly ports?: Readonly<Record<string, string>>;
  readonly routes: readonly RouteState[];
  /** `ADDRESS dev DEVICE`, as `ip neigh add proxy` takes it. */
  readonly proxies: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  /** Our tables as nft prints them; those that are not there are not here. */
  readonly tables: Readonly<Record<string, string>>;
  /** Rules of ebtables that rewrite source addresses, the guide's among them. */
  readonly rewriting?: readonly RewritingRule[];
}

export interface DeviceState {
  readonly name: string;
  readonly kind: string | undefined;
  readonly mac: string | undefined;
  readonly master: string | undefined;
  readonly up: boolean;
  readonly addresses: readonly AddressState[];
  /** Of a bridge, what `ip link add … type bridge` is told. */
  readonly options: string;
}

export interface AddressState {
  /** `ADDRESS/LENGTH`, or `ADDRESS peer ADDRESS/LENGTH`. */
  readonly text: string;
  readonly family: 4 | 6;
  readonly linkLocal: boolean;
  /** What else `ip address add` is told. */
  readonly words: string;
}

export interface RouteState {
  readonly family: 4 | 6;
  readonly words: string;
}
