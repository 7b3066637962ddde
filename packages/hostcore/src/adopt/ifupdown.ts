import { parseAddress } from '../domain/ip-address.js';
import { maskLength, networkOf, type Interfaced } from '../domain/ip-network.js';
import { parseMac } from '../domain/mac-address.js';
import {
  noSpanningTree,
  noWord,
  readDestination,
  readInterfaced,
  type Devices,
  type ReadDevice,
  type ReadRoute,
  type Unread,
} from './reading.js';

/** interfaces(5): stanzas of `iface`, each for one family; continued lines are put together before. */
export function readIfupdown(path: string, text: string, devices: Devices, unread: Unread[]): void {
  let stanza: Stanza | undefined;
  const close = (): void => {
    if (stanza !== undefined) takeStanza(path, stanza, devices, unread);
    stanza = undefined;
  };
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^\s*#.*$/, '').trim();
    if (line === '') continue;
    const iface = /^iface\s+(\S+)\s+(inet6?)\s+(\S+)/.exec(line);
    if (iface !== null) {
      close();
      const [, name = '', , method = ''] = iface;
      if (method === 'loopback') continue;
      // `eth0:1` is a further address of eth0.
      stanza = { device: devices.get(name.replace(/:.*$/, '')), lines: [] };
      if (method !== 'static' && method !== 'manual') {
        unread.push({
          path,
          line: index + 1,
          text: line,
          why: `method ${method}: host.toml has fixed addresses`,
        });
      }
    } else if (/^(auto|allow-\S+|source(-directory)?|mapping|rename)\b/.test(line)) {
      close();
    } else if (stanza === undefined) {
      unread.push({ path, line: index + 1, text: line, why: 'it belongs to no interface' });
    } else {
      stanza.lines.push([index + 1, line]);
    }
  }
  close();
}

interface Stanza {
  readonly device: ReadDevice;
  readonly lines: (readonly [number, string])[];
}

function takeStanza(
  path: string,
  { device, lines }: Stanza,
  devices: Devices,
  unread: Unread[],
): void {
  if (
    device.kind === 'card' &&
    (virtual.test(device.name) || lines.some(([, one]) => making.test(one)))
  ) {
    device.kind = 'other';
  }
  const value = (key: string): string | undefined =>
    lines.map(([, line]) => new RegExp(`^${key}\\s+(.+)$`).exec(line)?.[1]).find(Boolean);
  const length = value('netmask') === undefined ? undefined : maskLength(value('netmask') ?? '');
  const own = readInterfaced(value('address') ?? '', length);
  if (own !== undefined) {
    const alone = lines.find(([, line]) => leadsAway(line, own));
    device.addresses.push(alone === undefined ? own : { ...own, length: 32 });
    if (alone !== undefined) {
      const why = `the neighbours are reached through the router: the address is written as /32, which says the same`;
      unread.push({ path, line: alone[0], text: alone[1], why, kept: true });
    }
  }
  for (const [line, text] of lines) {
    if (own !== undefined && leadsAway(text, own)) continue;
    if (takeLine(device, text, devices)) continue;
    const spans = /^bridge[-_]stp/.test(text);
    unread.push({ path, line, text, why: spans ? noSpanningTree : noWord });
  }
  if (device.kind !== 'card') return;
  for (const [line, text] of lines.filter(([, one]) => /^hwaddress\b/.test(one))) {
    const why = 'hostcore leaves a card the MAC address that it has';
    unread.push({ path, line, text, why });
  }
}

/** Names, and options, by which ifupdown's helpers make a device. */
const virtual = /\.|^(vlan|bond|wl|wg|tun|tap|ppp|sit|he-)/;
const making = /^(vlan[-_]raw[-_]device|bond[-_]|wpa-|wireless[-_]|wireguard-)/;

/** Hetzner's line: the own network through the router, since its switches keep neighbours apart. */
function leadsAway(line: string, { address, length }: Interfaced): boolean {
  const found =
    /^(?:post-)?up\s+(?:\/\S+\/)?(?:route add -net (\S+) netmask (\S+) gw|ip route add (\S+)\/(\d+) via)\s/.exec(
      line,
    );
  const base = parseAddress(found?.[1] ?? found?.[3] ?? '');
  const own = networkOf(address, length);
  return (
    address.family === 4 &&
    base?.bits === own.bits &&
    maskLength(found?.[2] ?? found?.[4] ?? '') === length
  );
}

type Taker = (device: ReadDevice, words: readonly string[]) => boolean;

const nothing: Taker = () => true;

const noTree: Taker = (_, [value]) => value === 'off' || value === 'no';

const bridgePorts: Taker = (device, words) => {
  device.kind = 'bridge';
  device.ports.push(...words.filter((one) => one !== 'none'));
  return true;
};

const hardware: Taker = (device, words) => {
  const mac = parseMac(words.at(-1) ?? '');
  if (mac !== undefined) device.mac = mac;
  return mac !== undefined;
};

const takers: Readonly<Record<string, Taker>> = {
  address: (_, [text = '']) => readInterfaced(text) !== undefined,
  ...Object.fromEntries(
    [
      ...['netmask', 'broadcast', 'network', 'bridge_fd', 'bridge-fd'],
      ...['bridge_maxwait', 'bridge-maxwait', 'autoconf', 'dad-attempts'],
    ].map((key) => [key, nothing]),
  ),
  accept_ra(device, [value]) {
    device.acceptRa = value !== '0';
    return true;
  },
  gateway(device, [text = '']) {
    const via = parseAddress(text);
    if (via === undefined) return false;
    device.routes.push({ to: { family: via.family, bits: 0n, length: 0 }, via });
    return true;
  },
  pointopoint(device, [text = '']) {
    const peer = parseAddress(text);
    if (peer !== undefined) device.peers.push(peer);
    return peer !== undefined;
  },
  bridge_stp: noTree,
  'bridge-stp': noTree,
  bridge_ports: bridgePorts,
  'bridge-ports': bridgePorts,
  hwaddress: hardware,
  bridge_hw: hardware,
  'bridge-hw': hardware,
  'dns-nameservers'(device, words) {
    device.resolvers.push(...words.flatMap((one) => parseAddress(one) ?? []));
    return true;
  },
};

function takeLine(device: ReadDevice, line: string, devices: Devices): boolean {
  const [key = '', ...rest] = line.split(/\s+/);
  if (/^(pre-|post-)?(up|down)$/.test(key))
    return takeCommand(device, rest.join(' '), key, devices);
  return takers[key]?.(device, rest) ?? false;
}

function takeAddress(device: ReadDevice, verb: string, text: string, name: string): boolean {
  if (verb === 'del') return true;
  const address = readInterfaced(text);
  if (address === undefined || ![device.name, '$IFACE'].includes(name)) return false;
  device.addresses.push(address);
  return true;
}

/** Routes; what a route's `down` takes away, and settings that are rendered, need no word. */
function takeCommand(device: ReadDevice, command: string, when: string, devices: Devices): boolean {
  const off =
    /^(\/\S+\/)?sysctl .*(forwarding|ip_forward|proxy_ndp) ?= ?1|^(\/\S+\/)?sysctl .*accept_ra ?= ?0/;
  if (off.test(command)) return true;
  const own = /^(?:\/\S+\/)?ip (?:-[46] )?a(?:ddr(?:ess)?)? (add|del) (\S+) dev (\S+)$/.exec(
    command,
  );
  if (own !== null) return takeAddress(device, own[1] ?? '', own[2] ?? '', own[3] ?? '');
  if (/^(\/\S+\/)?ebtables .*snat/.test(command)) return true;
  const found = ipRoute(command) ?? oldRoute(command);
  if (found === undefined) return false;
  if (when.includes('down')) return true;
  // Written in one device's stanza, and meant for another.
  const named = / dev (\S+)/.exec(command)?.[1] ?? '$IFACE';
  const owner = ['$IFACE', '"$IFACE"', device.name].includes(named) ? device : devices.get(named);
  owner.routes.push(found);
  return true;
}

function ipRoute(command: string): ReadRoute | undefined {
  const [, family, target = '', gateway] =
    /^(?:\/\S+\/)?ip (-[46] )?r(?:oute)? (?:add|append|replace|del) (\S+)(?: via (\S+))?/.exec(
      command,
    ) ?? [];
  const via = gateway === undefined ? undefined : parseAddress(gateway);
  const to = readDestination(target, via?.family ?? (family === '-6 ' ? 6 : 4));
  return to === undefined ? undefined : { to, via };
}

/** route(8), of net-tools. */
function oldRoute(command: string): ReadRoute | undefined {
  const [, kind, target = '', mask, gateway] =
    /^(?:\/\S+\/)?route (?:add|del) -(net|host) (\S+)(?: netmask (\S+))?(?: gw (\S+))?(?: dev \S+)?$/.exec(
      command,
    ) ?? [];
  const via = gateway === undefined ? undefined : parseAddress(gateway);
  const length = kind === 'host' ? 32 : maskLength(mask ?? '');
  const parsed = readInterfaced(target, target.includes('/') ? undefined : length);
  if (parsed === undefined || (gateway !== undefined && via === undefined)) return undefined;
  // A network of which nothing says how large it is.
  if (kind === 'net' && length === undefined && !target.includes('/')) return undefined;
  return { to: networkOf(parsed.address, parsed.length), via };
}
