import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { systemCode } from '@sixhub/base';
import { ports } from './ports.js';

/** 254 loopback addresses that are this lab's alone, so that two runs never meet at a port. */
export interface AddressBlock extends AsyncDisposable {
  /** Another address at each call: 127.A.B.2, 127.A.B.3 … */
  next(): string;
}

/** Claims a block by listening at its first address: the kernel gives that to one process at a time. */
export async function claimAddressBlock(): Promise<AddressBlock> {
  for (let tries = 0; tries < 50; tries++) {
    const prefix = `127.${randomInt(64, 250)}.${randomInt(0, 256)}`;
    const claim = await listen(`${prefix}.1`);
    if (claim !== undefined) return block(prefix, claim);
  }
  throw new Error(
    `no free block of loopback addresses: port ${ports.claim} is taken on all of them`,
  );
}

function block(prefix: string, claim: Server): AddressBlock {
  let last = 1;
  return {
    next() {
      last += 1;
      if (last > 254) throw new Error(`all addresses of ${prefix}.0/24 are used`);
      return `${prefix}.${last}`;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        claim.close(() => resolve());
      }),
  };
}

function listen(host: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (systemCode(error) === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen({ host, port: ports.claim }, () => {
      server.unref(); // a claim alone keeps no process alive
      resolve(server);
    });
  });
}
