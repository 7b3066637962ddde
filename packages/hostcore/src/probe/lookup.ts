import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { formatAddress, type IpAddress } from '../domain/ip-address.js';
import type { Lookup } from '../domain/verify/seen.js';
import { question, readAnswer, type AddressType } from './dns-message.js';

export interface Asked {
  readonly server: IpAddress;
  readonly from: IpAddress;
  readonly name: string;
  readonly type: AddressType;
  readonly withinMs: number;
}

/** One question by UDP, repeated once a second, from the network namespace of this process. */
export function lookUp({ server, from, name, type, withinMs }: Asked): Promise<Lookup> {
  return new Promise((resolve) => {
    const id = randomInt(65_536);
    const socket = createSocket(server.family === 4 ? 'udp4' : 'udp6');
    let over = false;
    const ended = (how: Lookup): void => {
      if (over) return;
      over = true;
      clearInterval(again);
      clearTimeout(deadline);
      socket.close();
      resolve(how);
    };
    const onError = (error: Error | null | undefined): void => {
      if (error === null || error === undefined) return;
      // Port unreachable, as the kernel hands it to a connected socket; anything else is no way there.
      ended({ kind: 'code' in error && error.code === 'ECONNREFUSED' ? 'closed' : 'silent' });
    };
    let connected = false;
    const send = (): void => {
      if (connected && !over) socket.send(question(id, name, type), onError);
    };
    const again = setInterval(send, 1_000);
    const deadline = setTimeout(() => ended({ kind: 'silent' }), withinMs);
    socket.on('error', onError);
    socket.on('message', (message) => {
      const answer = readAnswer(message);
      if (answer?.id !== id) return;
      ended({ kind: 'answered', rcode: answer.rcode, addresses: answer.addresses });
    });
    // Without a way there, connect tells so by 'error'.
    socket.once('connect', () => {
      connected = true;
      send();
    });
    socket.bind(0, formatAddress(from), () => {
      if (!over) socket.connect(53, formatAddress(server));
    });
  });
}
