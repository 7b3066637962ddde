import { randomInt } from 'node:crypto';
import { connect, createServer, type AddressInfo } from 'node:net';
import type { Endpoint } from '@sixhub/wire';

/** One of 16 million addresses that all are this machine, so that two tests never meet at a port. */
export function loopbackAddress(): string {
  return `127.${randomInt(8, 64)}.${randomInt(0, 256)}.${randomInt(2, 255)}`;
}

/** Different ports where nothing listens at this moment; held all at once, or the kernel may give one twice. */
export async function freePorts(address: string, count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, address, resolve);
    });
    ports.push(portOf(server.address()));
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}

export async function freePort(address: string): Promise<number> {
  const [port] = await freePorts(address, 1);
  if (port === undefined) throw new Error('no port');
  return port;
}

function portOf(bound: AddressInfo | string | null): number {
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  return bound.port;
}

export function isListening({ host, port }: Pick<Endpoint, 'host' | 'port'>): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
