import type { IpAddress } from './ip-address.js';
import type { Interfaced, IpNetwork } from './ip-network.js';

/** What a network manager's file, not one of ours, says of one device; as far as hostcore has words for it. */
export interface SaidDevice {
  readonly name: string;
  readonly kind: 'card' | 'bridge' | 'other';
  readonly ports: readonly string[];
  readonly addresses: readonly Interfaced[];
  /** The other ends of point-to-point addresses. */
  readonly peers: readonly IpAddress[];
  readonly routes: readonly { readonly to: IpNetwork; readonly via: IpAddress | undefined }[];
  readonly resolvers: readonly IpAddress[];
  readonly acceptRa?: boolean;
  readonly proxied?: boolean;
}

/** What stands in a file, has no place in host.toml, and is gone when the file is. */
export interface Loss {
  readonly line: number | undefined;
  readonly text: string;
  readonly why: string;
}

export interface SaidNetwork {
  readonly devices: readonly SaidDevice[];
  /** What hostcore has no words for. */
  readonly unread: readonly Loss[];
}
