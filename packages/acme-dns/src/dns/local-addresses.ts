import os from 'node:os';
import type { ListenAddress } from '../domain/listen-address.js';

/** An address that stands for all that this machine has. */
export function isWildcard({ address }: ListenAddress): boolean {
  return address === '::' || address === '0.0.0.0';
}

/**
 * The addresses that a wildcard stands for, one by one: a socket for each answers from the address that was asked,
 * and does not meet systemd-resolved, which has 127.0.0.53 without any interface having it. `::` means IPv4 as well,
 * as it does for the Go program.
 */
export function concreteAddresses(where: ListenAddress): readonly ListenAddress[] {
  const { address, port } = where;
  if (!isWildcard(where)) return [where];
  const all = Object.values(os.networkInterfaces()).flatMap((list) => list ?? []);
  return all
    .filter((own) => address === '::' || own.family === 'IPv4')
    .filter((own) => !own.address.startsWith('fe80:')) // names a machine only together with its link
    .map((own) => ({ address: own.address, port }));
}
