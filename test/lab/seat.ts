import type { Lab } from './lab.js';
import type { Network } from './network.js';

/** Where a piece listens, and in which network it is started. */
export interface Seat {
  readonly address: string;
  readonly port: number;
  readonly inside: Network['inside'];
}

/** An address of the lab's own on loopback. */
export function seatIn(lab: Lab, port: number): Seat {
  return { address: lab.address(), port, inside: (program, args) => [program, args] };
}

export function endpointAt({ address, port }: Pick<Seat, 'address' | 'port'>): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
