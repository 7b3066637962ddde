import { connect } from 'node:net';
import { formatAddress, type IpAddress } from '../domain/ip-address.js';
import type { Reach } from '../domain/verify/seen.js';
import type { Endpoint } from '../domain/verify/targets.js';

/** Whether a TCP connection comes about, from the network namespace of this process. */
export function reach(
  { address, port }: Endpoint,
  from: IpAddress | undefined,
  withinMs: number,
): Promise<Reach> {
  return new Promise((resolve) => {
    const localAddress = from === undefined ? {} : { localAddress: formatAddress(from) };
    const socket = connect({ host: formatAddress(address), port, ...localAddress });
    const ended = (how: Reach) => (): void => {
      clearTimeout(deadline);
      socket.destroy();
      resolve(how);
    };
    const deadline = setTimeout(ended('silent'), withinMs);
    socket.once('connect', ended('connected'));
    socket.on('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      ended(code === 'ECONNREFUSED' ? 'refused' : 'no route')();
    });
  });
}
