import type { RunProgram } from '@sixhub/base';
import { field, jsonOf, list, word } from './commands.js';

/** Of addresses on the links, the MAC addresses that the kernel has heard for them. */
export async function readNeighbours(run: RunProgram): Promise<ReadonlyMap<string, string>> {
  const found = list(await jsonOf(run, 'ip', ['-j', 'neigh']));
  return new Map(
    found.flatMap((one) => {
      const [address, mac] = [word(field(one, 'dst')), word(field(one, 'lladdr'))];
      return address === undefined || mac === undefined ? [] : [[address, mac] as const];
    }),
  );
}

/** `ADDRESS DEVICE` of each neighbour discovery proxy entry. */
export async function readProxied(run: RunProgram): Promise<ReadonlySet<string>> {
  const found = list(await jsonOf(run, 'ip', ['-j', '-6', 'neigh', 'show', 'proxy']));
  return new Set(found.map((one) => `${word(field(one, 'dst'))} ${word(field(one, 'dev'))}`));
}
