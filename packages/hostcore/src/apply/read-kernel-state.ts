import { readFile } from 'node:fs/promises';
import type {
  AddressState,
  DeviceState,
  KernelState,
  RouteState,
} from '../domain/apply/kernel-state.js';
import { field, jsonOf, list, word } from '../facts/commands.js';
import { readRewriting } from '../facts/ebtables.js';
import { movedTable } from '../domain/plan/moved-routers.js';
import { ourTables } from '../render/nftables.js';
import type { Run } from './run.js';

/** What the kernel has of these devices, in words that give it back. */
export async function readKernelState(run: Run, devices: readonly string[]): Promise<KernelState> {
  const [links, rules, six, four, proxies, sysctls, tables] = await Promise.all([
    jsonOf(run, 'ip', ['-j', '-d', 'address']),
    jsonOf(run, 'nft', ['-j', 'list', 'ruleset']),
    readRoutes(run, 6, devices),
    readRoutes(run, 4, devices),
    readProxies(run, devices),
    readSysctls(devices),
    readTables(run),
  ]);
  const isOurs = (one: unknown): boolean => devices.includes(word(field(one, 'ifname')) ?? '');
  const [found, others] = [list(links).filter(isOurs), list(links).filter((one) => !isOurs(one))];
  const ports = Object.fromEntries(
    others.map((one) => [word(field(one, 'ifname')) ?? '', word(field(one, 'master')) ?? '']),
  );
  const rewriting = await readRewriting(run, list(field(rules, 'nftables')));
  return {
    ...{ devices: found.map(device), ports, routes: [...six, ...four] },
    ...{ proxies, sysctls, tables, rewriting },
  };
}

function device(one: unknown): DeviceState {
  const kind = word(field(one, 'linkinfo', 'info_kind'));
  return {
    name: word(field(one, 'ifname')) ?? '',
    kind,
    mac: field(one, 'link_type') === 'ether' ? word(field(one, 'address')) : undefined,
    master: word(field(one, 'master')),
    up: list(field(one, 'flags')).includes('UP'),
    addresses: list(field(one, 'addr_info')).flatMap(address),
    options: kind === 'bridge' ? bridgeOptions(field(one, 'linkinfo', 'info_data')) : '',
  };
}

/** What is not as the kernel has it by itself: not every kernel knows every option. */
function bridgeOptions(data: unknown): string {
  const usual: Readonly<Record<string, number>> = {
    ...{ stp_state: 0, forward_delay: 1500, vlan_filtering: 0, mcast_snooping: 1 },
  };
  return Object.entries(usual)
    .flatMap(([key, unless]) => {
      const value = field(data, key);
      return typeof value === 'number' && value !== unless ? [` ${key} ${value}`] : [];
    })
    .join('');
}

function address(one: unknown): readonly AddressState[] {
  const [local, scope] = [word(field(one, 'local')), word(field(one, 'scope'))];
  const length = field(one, 'prefixlen');
  if (local === undefined || typeof length !== 'number') return [];
  // Of a point-to-point address (`pointopoint` in ifupdown's file) the prefix is the other end's.
  const peer = word(field(one, 'address'));
  const [broadcast, label] = [word(field(one, 'broadcast')), word(field(one, 'label'))];
  const family = field(one, 'family') === 'inet6' ? 6 : 4;
  const lifetimes = ['valid', 'preferred'].map((kind) => field(one, `${kind}_life_time`));
  const words = [
    ...(broadcast === undefined ? [] : ['broadcast', broadcast]),
    ...(family === 4 && label !== undefined ? ['label', label] : []),
    ...(scope === undefined || scope === 'global' || family === 6 ? [] : ['scope', scope]),
    ...(field(one, 'noprefixroute') === true ? ['noprefixroute'] : []),
    ...(field(one, 'dynamic') === true
      ? ['valid_lft', String(lifetimes[0]), 'preferred_lft', String(lifetimes[1])]
      : []),
  ];
  return [
    {
      text: peer === undefined ? `${local}/${length}` : `${local} peer ${peer}/${length}`,
      family,
      linkLocal: family === 6 && scope === 'link',
      words: words.map((one) => ` ${one}`).join(''),
    },
  ];
}

/** As `ip route` prints them, which is as it takes them, without what only tells of the moment. */
async function readRoutes(
  run: Run,
  family: 4 | 6,
  devices: readonly string[],
): Promise<readonly RouteState[]> {
  const result = await run('ip', [`-${family}`, 'route', 'show', 'table', 'main']);
  if (result.kind !== 'exited') return [];
  return result.stdout.split('\n').flatMap((line) => {
    const words = line
      .replaceAll(/ (linkdown|dead|offload|trap|rt_\w+)\b/g, '')
      .replaceAll(/ (expires -?\d+sec|error -?\d+|hoplimit \d+)/g, '')
      .replaceAll(/\s+/g, ' ')
      .trim();
    const on = / dev (\S+)/.exec(words)?.[1];
    const special = /^(unreachable|blackhole|prohibit) /.test(words);
    // The kernel makes its own of the addresses.
    if (words === '' || / proto kernel/.test(words)) return [];
    if (!special && !devices.includes(on ?? '')) return [];
    return [{ family, words }];
  });
}

async function readProxies(run: Run, devices: readonly string[]): Promise<readonly string[]> {
  const families = ['-6', '-4'].map((one) =>
    jsonOf(run, 'ip', ['-j', one, 'neigh', 'show', 'proxy']),
  );
  const found = (await Promise.all(families)).flatMap(list);
  return found.flatMap((one) => {
    const [address, on] = [word(field(one, 'dst')), word(field(one, 'dev'))];
    return address === undefined || !devices.includes(on ?? '') ? [] : [`${address} dev ${on}`];
  });
}

const everywhere = ['net/ipv6/conf/all/forwarding', 'net/ipv4/ip_forward'];
/** `disable_ipv6` first: while it is on, nothing else of IPv6 holds. */
const ofDevice = (device: string): readonly string[] => [
  ...['disable_ipv6', 'accept_ra', 'autoconf', 'proxy_ndp', 'ndisc_notify'].map(
    (key) => `net/ipv6/conf/${device}/${key}`,
  ),
  `net/ipv4/conf/${device}/proxy_arp`,
];

async function readSysctls(devices: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const key of [...everywhere, ...devices.flatMap(ofDevice)]) {
    const value = await readFile(`/proc/sys/${key}`, 'utf8').catch(() => undefined); // no such device
    if (value !== undefined) found[key] = value.trim();
  }
  return found;
}

async function readTables(run: Run): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const name of [...ourTables, movedTable]) {
    const result = await run('nft', ['--stateless', 'list', 'table', ...name.split(' ')]);
    if (result.kind === 'exited' && result.code === 0) found[name] = result.stdout;
  }
  return found;
}
