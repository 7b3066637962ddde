import type { Delivery } from '../../lab/index.js';

/** A way in which a provider delivers IPv6, and the lines of host.toml for it. */
export interface Mode {
  readonly name: string;
  readonly delivery: Delivery;
  readonly network?: string;
  readonly toml: string;
}

export const modes: readonly Mode[] = [
  { name: 'routed-link-local', delivery: 'routed', toml: '' },
  { name: 'bridged', delivery: 'routed', toml: 'uplink.mode = "bridged"' },
  { name: 'on-link', delivery: 'on-link', toml: 'uplink.mode = "on-link"' },
  {
    name: 'on-link, by the kernel',
    delivery: 'on-link',
    toml: 'uplink.mode = "on-link"\nuplink.proxy = "kernel"',
  },
  {
    name: 'routed-prefix',
    delivery: 'routed',
    network: '2a01:4f8:1::/56',
    toml: 'uplink.mode = "routed-prefix"\ninside.network = "2a01:4f8:1:3::/64"',
  },
];
