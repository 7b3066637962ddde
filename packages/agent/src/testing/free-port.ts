import { createServer } from 'node:net';

/** A port that nothing listens on at this address; several at once are different ones. */
export async function freePorts(address: string, count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, address, resolve);
    });
    const bound = server.address();
    if (bound !== null && typeof bound !== 'string') ports.push(bound.port);
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}

export async function freePort(address: string): Promise<number> {
  const [port] = await freePorts(address, 1);
  if (port === undefined) throw new Error('no port');
  return port;
}
