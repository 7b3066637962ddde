import type { RunProgram } from '@sixhub/base';
import { field, jsonOf, list, word } from './commands.js';

/** Behind which port of a bridge each MAC address was heard lately. */
export async function readBridgePorts(
  run: RunProgram,
  bridge: string,
): Promise<ReadonlyMap<string, string>> {
  const found = list(await jsonOf(run, 'bridge', ['-j', 'fdb', 'show', 'br', bridge]));
  return new Map(
    found.flatMap((one) => {
      const [mac, port] = [word(field(one, 'mac')), word(field(one, 'ifname'))];
      const own = field(one, 'state') === 'permanent' || port === bridge;
      return mac === undefined || port === undefined || own ? [] : [[mac, port] as const];
    }),
  );
}
