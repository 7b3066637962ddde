import type { RunProgram } from '@sixhub/base';
import type { AddressFact, DeviceFact, RouteFact } from '../domain/facts.js';
import { parseAddress, type IpAddress } from '../domain/ip-address.js';
import { hostNetwork, parseInterfaced, networkOf } from '../domain/ip-network.js';
import { field, jsonOf, list, word } from './commands.js';

/** `ip -j`: devices with their addresses, and routes. Undefined where ip can't be asked. */
export async function readDevices(run: RunProgram): Promise<readonly DeviceFact[] | undefined> {
  const answer = await jsonOf(run, 'ip', ['-j', '-d', 'address']);
  if (answer === undefined) return undefined;
  return list(answer).flatMap((one) => {
    const name = word(field(one, 'ifname'));
    if (name === undefined) return [];
    return [
      {
        name,
        mac: field(one, 'link_type') === 'ether' ? word(field(one, 'address')) : undefined,
        kind: word(field(one, 'linkinfo', 'info_kind')),
        master: word(field(one, 'master')),
        up: list(field(one, 'flags')).includes('UP'),
        addresses: list(field(one, 'addr_info')).flatMap(address),
      },
    ];
  });
}

function address(one: unknown): readonly AddressFact[] {
  const parsed = parseInterfaced(
    `${String(field(one, 'local'))}/${String(field(one, 'prefixlen'))}`,
  );
  if (parsed === undefined) return [];
  return [
    {
      ...parsed,
      peer: parseAddress(word(field(one, 'address')) ?? ''),
      scope: word(field(one, 'scope')) ?? '',
      dynamic: field(one, 'dynamic') === true,
      duplicate: field(one, 'dadfailed') === true,
    },
  ];
}

export async function readRoutes(run: RunProgram): Promise<readonly RouteFact[]> {
  const [six, four] = await Promise.all([
    jsonOf(run, 'ip', ['-j', '-d', '-6', 'route', 'show', 'table', 'main']),
    jsonOf(run, 'ip', ['-j', '-d', '-4', 'route', 'show', 'table', 'main']),
  ]);
  return [
    ...list(six).flatMap((one) => route(one, 6)),
    ...list(four).flatMap((one) => route(one, 4)),
  ];
}

function route(one: unknown, family: 4 | 6): readonly RouteFact[] {
  const to = destination(String(field(one, 'dst')), family);
  if (to === undefined) return [];
  const via = word(field(one, 'gateway')) ?? word(field(one, 'via', 'host'));
  return [
    {
      to,
      via: via === undefined ? undefined : parseAddress(via),
      device: word(field(one, 'dev')),
      kind: word(field(one, 'type')) ?? 'unicast',
      protocol: word(field(one, 'protocol')) ?? '',
    },
  ];
}

function destination(text: string, family: 4 | 6): RouteFact['to'] | undefined {
  if (text === 'default') return { family, bits: 0n, length: 0 };
  const parsed = parseInterfaced(text);
  if (parsed !== undefined) return networkOf(parsed.address, parsed.length);
  const single: IpAddress | undefined = parseAddress(text);
  return single === undefined ? undefined : hostNetwork(single);
}
