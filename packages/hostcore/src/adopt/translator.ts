import { parseAddress, type IpAddress } from '../domain/ip-address.js';
import { parseNetwork, type IpNetwork } from '../domain/ip-network.js';
import { specialUse } from '../domain/special-networks.js';
import type { Unread } from './reading.js';

export interface ReadTranslator {
  readonly prefix: IpNetwork;
  readonly pool: IpNetwork | undefined;
  readonly ipv4: IpAddress | undefined;
  readonly ipv6: IpAddress | undefined;
  readonly maps: readonly (readonly [IpAddress, IpAddress])[];
}

export function readTayga(
  path: string,
  text: string,
  unread: Unread[],
): ReadTranslator | undefined {
  const values = new Map<string, string>();
  const maps: (readonly [IpAddress, IpAddress])[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const [key = '', ...rest] = raw.replace(/#.*$/, '').trim().split(/\s+/);
    if (key === '') continue;
    const [four, six] = rest.map(parseAddress);
    if (key === 'map' && four?.family === 4 && six?.family === 6) maps.push([four, six]);
    else if (known.has(key)) values.set(key, rest.join(' '));
    else
      unread.push({
        path,
        line: index + 1,
        text: raw.trim(),
        why: 'the rendered tayga.conf does not have it',
      });
  }
  const prefix = parseNetwork(values.get('prefix') ?? '');
  if (prefix.kind !== 'network') return undefined;
  if (specialUse(prefix.network)?.use === 'documentation') {
    const why = "the example of the package: this NAT64 isn't in use";
    unread.push({ path, line: undefined, text: `prefix ${values.get('prefix') ?? ''}`, why });
    return undefined;
  }
  const pool = parseNetwork(values.get('dynamic-pool') ?? '');
  return {
    ...{ prefix: prefix.network, maps },
    pool: pool.kind === 'network' ? pool.network : undefined,
    ipv4: parseAddress(values.get('ipv4-addr') ?? ''),
    ipv6: parseAddress(values.get('ipv6-addr') ?? ''),
  };
}

/** Where rules send port 53 on to, by nft or iptables: what a `map` is for stands in none of tayga's words. */
export function sentOn(files: ReadonlyMap<string, string>): ReadonlySet<string> {
  const rule =
    /^[^#\n]*\bdport\s[^;\n]*?\b(?:53|domain)\b[^;\n]*?(?:\bdnat (?:ip )?to|--to-destination)\s+([\d.]+)/gm;
  const places = ['/etc/sixhub/nftables.nft', '/etc/nftables.conf', '/etc/rc.local'];
  return new Set(
    [...places, '/etc/iptables/rules.v4'].flatMap((path) =>
      [...(files.get(path) ?? '').matchAll(rule)].map(([, to = '']) => to),
    ),
  );
}

const known = new Set([
  'tun-device',
  'prefix',
  'dynamic-pool',
  'ipv4-addr',
  'ipv6-addr',
  'data-dir',
]);
