import { parse } from 'yaml';
import { errorText } from '@sixhub/base';
import { parseAddress, withoutColons } from '../domain/ip-address.js';
import { parseMac } from '../domain/mac-address.js';
import { field, list, word } from '../facts/commands.js';
import {
  lineOf,
  noDhcp,
  noSpanningTree,
  noWord,
  readDestination,
  readInterfaced,
  type Devices,
  type ReadDevice,
  type Unread,
} from './reading.js';

/** One file of /etc/netplan; a later file adds to a device, or says it anew. */
export function readNetplan(path: string, text: string, devices: Devices, unread: Unread[]): void {
  let tree: unknown;
  try {
    tree = parse(text);
  } catch (error) {
    unread.push({ path, line: lineOfError(error), text: errorText(error), why: 'it is no YAML' });
    return;
  }
  const network = field(tree, 'network');
  for (const [section, entries] of pairs(network)) {
    if (section === 'version' || (section === 'renderer' && entries === 'networkd')) continue;
    if (section !== 'ethernets' && section !== 'bridges') {
      refuseSection({ path, text, section, entries }, unread);
      continue;
    }
    for (const [id, entry] of pairs(entries)) {
      const device = devices.get(
        word(field(entry, 'set-name')) ?? word(field(entry, 'match', 'name')) ?? id,
      );
      if (section === 'bridges') device.kind = 'bridge';
      const refuse: Refuse = (key, value, why, { at = `${key}:`, ...more } = {}) => {
        const line = lineBelow(text, `${id}:`, at);
        unread.push({ path, line, text: `${id}: ${key}: ${brief(value)}`, why, ...more });
      };
      for (const [key, value] of pairs(entry)) takeKey(device, section, key, value, refuse);
    }
  }
}

type Refuse = (
  key: string,
  value: unknown,
  why: string,
  more?: Pick<Unread, 'kept'> & { readonly at?: string },
) => void;

const oldGateway =
  'a deprecated word, of which netplan warns; rendered as a default route with via';

function takeKey(
  device: ReadDevice,
  section: string,
  key: string,
  value: unknown,
  refuse: Refuse,
): void {
  switch (key) {
    case 'parameters':
      takeParameters(value, refuse);
      return;
    case 'routes':
      takeRoutes(device, list(value), refuse);
      return;
    case 'nameservers': {
      const search = list(field(value, 'search'));
      if (search.length > 0) refuse('search', search, "host.toml's domain is the host's alone");
      if (!takeResolvers(device, value)) refuse(key, value, 'it is no address');
      return;
    }
    case 'macaddress':
      if (section === 'ethernets') {
        refuse(key, value, 'hostcore leaves a card the MAC address that it has');
      }
      takeMac(device, word(value));
      return;
    case 'gateway4':
    case 'gateway6':
      if (!takeGateway(device, value)) refuse(key, value, 'it is no address');
      else refuse(key, value, oldGateway, { kept: true });
      return;
    default:
      if (!take(device, key, value)) refuse(key, value, /^dhcp\d$/.test(key) ? noDhcp : noWord);
  }
}

/** What each key says of a device; false where that has no place in host.toml. */
const takers: Readonly<Record<string, (device: ReadDevice, value: unknown) => boolean>> = {
  addresses: (device, value) => list(value).every((one) => takeAddress(device, one)),
  match: (device, value) => takeMac(device, word(field(value, 'macaddress'))),
  interfaces(device, value) {
    device.ports.push(...list(value).flatMap((one) => word(one) ?? []));
    return true;
  },
  'accept-ra'(device, value) {
    device.acceptRa = value === true;
    return true;
  },
  // Off is how hostcore has it, too.
  dhcp4: (_, value) => value !== true,
  dhcp6: (_, value) => value !== true,
  'set-name': () => true,
  optional: () => true,
  'ignore-carrier': () => true,
  'link-local': () => true,
  'ipv6-privacy': () => true,
};

function take(device: ReadDevice, key: string, value: unknown): boolean {
  return takers[key]?.(device, value) ?? false;
}

/** An address, or one with options below it. */
function takeAddress(device: ReadDevice, one: unknown): boolean {
  const label = pairs(one)[0]?.[0] ?? word(one);
  const address = label === undefined ? undefined : readInterfaced(label);
  if (address === undefined) return false;
  device.addresses.push(address);
  return true;
}

function takeGateway(device: ReadDevice, value: unknown): boolean {
  const via = parseAddress(word(value) ?? '');
  if (via === undefined) return false;
  device.routes.push({ to: { family: via.family, bits: 0n, length: 0 }, via });
  return true;
}

function takeResolvers(device: ReadDevice, value: unknown): boolean {
  const found = list(field(value, 'addresses')).map((one) => parseAddress(word(one) ?? ''));
  for (const address of found) if (address !== undefined) device.resolvers.push(address);
  return found.every((one) => one !== undefined);
}

function takeMac(device: ReadDevice, text: string | undefined): boolean {
  const mac = parseMac(text ?? '');
  if (mac !== undefined) device.mac = mac;
  return true;
}

/** A spanning tree needs a second way; netplan's bridges have one unless it is told otherwise. */
function takeParameters(value: unknown, refuse: Refuse): void {
  for (const [key, one] of pairs(value)) {
    if (key === 'stp' && one === true) refuse(key, one, noSpanningTree);
    if (!['stp', 'forward-delay'].includes(key)) refuse(key, one, noWord);
  }
}

function refuseSection(
  of: {
    readonly path: string;
    readonly text: string;
    readonly section: string;
    readonly entries: unknown;
  },
  unread: Unread[],
): void {
  const { path, text, section, entries } = of;
  const all = pairs(entries);
  if (all.length === 0) {
    const words = `${section}: ${brief(entries)}`;
    const why = section === 'renderer' ? 'hostcore leaves networkd alone' : onlyCards;
    unread.push({ path, line: lineOf(text, `${section}:`), text: words, why });
  }
  for (const [id, entry] of all) {
    const line = lineBelow(text, `${section}:`, `${id}:`);
    const words = `${section}: ${id}: ${harmless.has(section) ? brief(entry) : '…'}`;
    unread.push({ path, line, text: words, why: onlyCards });
  }
}

/** The others have keys and passwords in them. */
const harmless = new Set(['vlans', 'bonds', 'vrfs', 'dummy-devices']);

const onlyCards = 'host.toml has cards and one bridge, nothing else';

function takeRoutes(device: ReadDevice, routes: readonly unknown[], refuse: Refuse): void {
  for (const route of routes) {
    const target = word(field(route, 'to')) ?? '';
    const say = (words: unknown, why: string): void => refuse('routes', words, why, { at: target });
    const written = word(field(route, 'via'));
    const meant = written === undefined ? undefined : withoutColons(written);
    if (meant !== undefined) say(route, `'${written}' lacks its '::'; taken as ${meant}`);
    const viaText = meant ?? written;
    const via = viaText === undefined ? undefined : parseAddress(viaText);
    const to = readDestination(target, via?.family ?? 6);
    if (to === undefined || (viaText !== undefined && via === undefined)) {
      say(route, 'it is no route');
      continue;
    }
    device.routes.push({ to, via });
    const others = pairs(route).filter(
      ([key, value]) =>
        !['to', 'via', 'on-link', 'scope'].includes(key) &&
        !(key === 'type' && (value === 'unicast' || value === 'unreachable')),
    );
    if (others.length === 0) continue;
    const keys = others.map(([key]) => key).join(', ');
    say({ to: target, ...Object.fromEntries(others) }, `host.toml has no word for ${keys}`);
  }
}

/** The first line with `inner` at or below the first with `outer`. */
function lineBelow(text: string, outer: string, inner: string): number | undefined {
  const first = lineOf(text, outer) ?? 1;
  const found = lineOf(
    text
      .split('\n')
      .slice(first - 1)
      .join('\n'),
    inner,
  );
  return found === undefined ? undefined : first - 1 + found;
}

function pairs(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value)
    : [];
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  return text.length > 100 ? `${text.slice(0, 97)}…` : text;
}

function lineOfError(error: unknown): number | undefined {
  const line = list(field(error, 'linePos')).map((one) => field(one, 'line'))[0];
  return typeof line === 'number' ? line : undefined;
}
