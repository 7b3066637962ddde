import { parseAddress } from '../domain/ip-address.js';
import { parseMac } from '../domain/mac-address.js';
import {
  noDhcp,
  noSpanningTree,
  noWord,
  readDestination,
  readInterfaced,
  type Devices,
  type ReadDevice,
  type Unread,
} from './reading.js';

/** One setting of an INI file of systemd, in its section; sections may repeat, and each is one of its own. */
interface Setting {
  readonly section: string;
  /** Which section of the file, counted. */
  readonly index: number;
  readonly key: string;
  readonly value: string;
  readonly line: number;
}

/** What the kernel knows, for files that match by a pattern or by MAC address. */
export interface Card {
  readonly name: string;
  readonly mac: string | undefined;
}

export function readNetworkd(
  path: string,
  text: string,
  devices: Devices,
  unread: Unread[],
  cards: readonly Card[] = [],
): void {
  const all = settings(text);
  const names = namesOf(all, cards);
  if (names.length === 0) {
    const match = all.find(({ section }) => section === 'Match');
    const words = match === undefined ? '[Match]' : `${match.key}=${match.value}`;
    const why =
      'it names no device of which the name is known here; read on the host itself, the kernel tells';
    unread.push({ path, line: match?.line, text: words, why });
    return;
  }
  const refuse: Refuse = ({ key, value, line }, why) => {
    unread.push({ path, line, text: `${key}=${value}`, why });
  };
  for (const one of names) {
    for (const group of groups(all)) takeSection(devices.get(one), group, devices, refuse);
  }
}

function namesOf(all: readonly Setting[], cards: readonly Card[]): readonly string[] {
  const value = (section: string, key: string): readonly string[] =>
    all
      .filter((one) => one.section === section && one.key === key)
      .flatMap((one) => one.value.split(/\s+/));
  const patterns = [...value('NetDev', 'Name'), ...value('Match', 'Name')];
  const macs = value('Match', 'MACAddress').map((one) => one.toLowerCase());
  if (patterns.length === 0)
    return cards.filter(({ mac }) => macs.includes(mac ?? '')).map(({ name }) => name);
  return patterns.flatMap((pattern) => {
    if (/^[\w.-]+$/.test(pattern)) return [pattern];
    const glob = new RegExp(
      `^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`,
    );
    return cards.filter(({ name }) => glob.test(name)).map(({ name }) => name);
  });
}

type Refuse = (setting: Setting, why: string) => void;

function takeSection(
  device: ReadDevice,
  group: readonly Setting[],
  devices: Devices,
  refuse: Refuse,
): void {
  const section = group[0]?.section;
  const value = (key: string): string | undefined => group.find((one) => one.key === key)?.value;
  if (section === 'Address') {
    const peer = value('Peer');
    const address = readInterfaced(value('Address') ?? '');
    if (address !== undefined && !has(device, address)) device.addresses.push(address);
    const other = peer === undefined ? undefined : readInterfaced(peer)?.address;
    if (other !== undefined) device.peers.push(other);
    refuseOthers(group, /^(Address|Peer|Broadcast|DuplicateAddressDetection)$/, refuse);
    return;
  }
  if (section === 'Route') {
    if (!takeRoute(device, value('Gateway'), value('Destination'))) {
      for (const one of group) refuse(one, 'it is no route');
    } else {
      refuseOthers(group, /^(Gateway|Destination|GatewayOnLink|Scope|Type)$/, refuse);
    }
    return;
  }
  for (const setting of group) {
    const spans = /^Bridge\.STP$/.test(`${setting.section}.${setting.key}`) && isOn(setting.value);
    if (spans) refuse(setting, noSpanningTree);
    else if (!takeSetting(device, setting, devices))
      refuse(setting, setting.key === 'DHCP' ? noDhcp : noWord);
  }
}

function refuseOthers(group: readonly Setting[], understood: RegExp, refuse: Refuse): void {
  for (const one of group) {
    const kind = one.key === 'Type' && !/^(unicast|unreachable)$/.test(one.value);
    if (!understood.test(one.key) || kind) refuse(one, noWord);
  }
}

function takeRoute(
  device: ReadDevice,
  gateway: string | undefined,
  destination: string | undefined,
): boolean {
  const via = gateway === undefined ? undefined : parseAddress(gateway);
  const to = readDestination(destination ?? 'default', via?.family ?? 6);
  if (to !== undefined && (via !== undefined || to.length > 0)) device.routes.push({ to, via });
  return to !== undefined;
}

function takeSetting(
  device: ReadDevice,
  { section, key, value }: Setting,
  devices: Devices,
): boolean {
  switch (`${section}.${key}`) {
    case 'NetDev.Kind':
      device.kind = value === 'bridge' ? 'bridge' : 'other';
      return value === 'bridge';
    case 'NetDev.MACAddress':
    case 'Match.MACAddress': {
      const mac = parseMac(value);
      if (mac !== undefined) device.mac = mac;
      return mac !== undefined;
    }
    case 'Network.Bridge':
      devices.get(value).ports.push(device.name);
      return true;
    case 'Network.Address': {
      const address = readInterfaced(value);
      if (address !== undefined && !has(device, address)) device.addresses.push(address);
      return address !== undefined;
    }
    case 'Network.Gateway': {
      const via = parseAddress(value);
      if (via === undefined) return false;
      device.routes.push({ to: { family: via.family, bits: 0n, length: 0 }, via });
      return true;
    }
    case 'Network.DNS': {
      const found = value.split(/\s+/).map(parseAddress);
      for (const one of found) if (one !== undefined) device.resolvers.push(one);
      return found.every((one) => one !== undefined);
    }
    case 'Network.IPv6AcceptRA':
      device.acceptRa = isOn(value);
      return true;
    case 'Network.DHCP':
      return /^(no|false|0|off|none)$/i.test(value);
    case 'Network.IPv6ProxyNDPAddress':
    case 'Network.IPv6ProxyNDP':
      device.proxied = true;
      return true;
    default:
      return known.test(`${section}.${key}`);
  }
}

function isOn(value: string): boolean {
  return /^(yes|true|1|on)$/i.test(value);
}

/** Rendered alike, or of no weight. */
const known =
  /^(Match\.Name|NetDev\.(Name|Description)|Bridge\.(STP|ForwardDelaySec)|Network\.(LinkLocalAddressing|ConfigureWithoutCarrier|IPForward|Description)|Link\.RequiredForOnline|Network\.IPv6SendRA|IPv6SendRA\..*|IPv6Prefix\..*|IPv6RoutePrefix\..*|IPv6PREF64Prefix\..*)$/;

function has(device: ReadDevice, { address, length }: ReadDevice['addresses'][number]): boolean {
  return device.addresses.some((one) => one.address.bits === address.bits && one.length === length);
}

function settings(text: string): readonly Setting[] {
  const found: Setting[] = [];
  let [section, index] = ['', 0];
  for (const [number, raw] of text.split('\n').entries()) {
    // systemd knows no comment at the end of a line, but people (and guides) write them.
    const line = raw.replace(/\s+(\/\/|#).*$/, '').trim();
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    if (header !== undefined) [section, index] = [header, index + 1];
    const pair = /^([A-Za-z0-9]+)\s*=\s*(.*)$/.exec(line);
    if (pair === null || line.startsWith('#') || line.startsWith(';')) continue;
    found.push({ section, index, key: pair[1] ?? '', value: pair[2] ?? '', line: number + 1 });
  }
  return found;
}

function groups(all: readonly Setting[]): readonly (readonly Setting[])[] {
  const byIndex = new Map<number, Setting[]>();
  for (const one of all) byIndex.set(one.index, [...(byIndex.get(one.index) ?? []), one]);
  return [...byIndex.values()];
}
