import { Opened, type RunProgram } from '@sixhub/base';
import { writeFile } from 'node:fs/promises';
import type { Host } from '../domain/host.js';
import { formatAddress, type IpAddress } from '../domain/ip-address.js';
import {
  formatNetwork,
  network,
  nthAddress,
  overlaps,
  type IpNetwork,
} from '../domain/ip-network.js';
import { deviceName } from './names.js';
import { must, openNamespace, type Namespace } from './namespace.js';
import { settled } from './settled.js';

/**
 * Somebody who is in none of the host's networks, behind a link of its own. The host's end has no address but a link-local
 * one, so that a name server which lets "local networks" ask does not take the stranger for one of them.
 */
export interface Stranger extends AsyncDisposable {
  readonly namespace: Namespace;
  readonly six: IpAddress;
  /** Undefined where the host has no IPv4. */
  readonly four: IpAddress | undefined;
}

const device = 'outside0';
const hostEnd = 'fe80::7368';

/** Nobody's in the internet: documentation (RFC 3849, 9637, 5737), and the discard prefix (RFC 6666). */
const candidates = ['2001:db8:7368::/64', '3fff:73:68::/64', '100::/64'].map(network);
const candidates4 = ['198.51.100.0/24', '203.0.113.0/24', '192.0.2.0/24'].map(network);

export async function openStranger(
  host: Host,
  run: RunProgram,
  program: readonly string[],
): Promise<Stranger> {
  await using opened = new Opened();
  const namespace = opened.use(await openNamespace(run, program));
  const six = strange(host, candidates);
  const four = host.ipv4 === undefined ? undefined : strange(host, candidates4);
  const end = deviceName('stranger', process.pid);
  const peer = ['peer', 'name', device, 'netns', String(namespace.pid)];
  await must(run, 'ip', 'link', 'add', end, 'type', 'veth', ...peer);
  opened.defer(async () => void (await run('ip', ['link', 'delete', end])));
  await must(run, 'ip', 'link', 'set', end, 'addrgenmode', 'none');
  await writeFile(`/proc/sys/net/ipv6/conf/${end}/disable_ipv6`, '0');
  await must(run, 'ip', 'address', 'add', `${hostEnd}/64`, 'dev', end, 'nodad');
  await must(run, 'ip', 'link', 'set', end, 'up');
  await namespace.set([
    [`net/ipv6/conf/${device}/disable_ipv6`, '0'],
    [`net/ipv6/conf/${device}/accept_dad`, '0'],
    [`net/ipv6/conf/${device}/dad_transmits`, '0'],
  ]);
  const inside = namespace.run;
  await must(inside, 'ip', 'link', 'set', device, 'up');
  await must(inside, 'ip', 'address', 'add', `${formatAddress(six)}/128`, 'dev', device, 'nodad');
  await must(inside, 'ip', '-6', 'route', 'add', 'default', 'via', hostEnd, 'dev', device);
  await must(run, 'ip', '-6', 'route', 'add', `${formatAddress(six)}/128`, 'dev', end);
  if (four !== undefined && host.ipv4 !== undefined) {
    const router = formatAddress(host.ipv4.address.address);
    await must(inside, 'ip', 'address', 'add', `${formatAddress(four)}/32`, 'dev', device);
    const way = ['default', 'via', router, 'dev', device, 'onlink'];
    await must(inside, 'ip', 'route', 'add', ...way);
    await must(run, 'ip', 'route', 'add', `${formatAddress(four)}/32`, 'dev', end);
  }
  await settled(inside, device);
  await settled(run, end);
  const closing = opened.move();
  return {
    ...{ namespace, six, four },
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

/** By the number of this process, so that two that look at once are two strangers. */
function strange({ inside, ipv6, ipv4, dns64 }: Host, candidates: readonly IpNetwork[]): IpAddress {
  const known = [
    inside.network,
    ipv6.network,
    ...(ipv4?.networks ?? []),
    ...(dns64?.clients ?? []),
  ];
  const free = candidates.find((one) => !known.some((other) => overlaps(one, other)));
  if (free === undefined) {
    throw new Error(
      `every one of ${candidates.map(formatNetwork).join(', ')} is in a network of host.toml`,
    );
  }
  const number = free.family === 6 ? process.pid : 1 + (process.pid % 254);
  return nthAddress(free, BigInt(number));
}
