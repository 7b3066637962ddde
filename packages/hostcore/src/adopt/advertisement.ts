import { parseAddress, type IpAddress } from '../domain/ip-address.js';
import { parseNetwork, type IpNetwork } from '../domain/ip-network.js';
import { readBlocks, type Statement } from '../domain/blocks.js';
import type { Unread } from './reading.js';

export interface ReadAdvertisement {
  readonly device: string;
  readonly engine: 'radvd' | 'networkd';
  readonly prefixes: readonly IpNetwork[];
  readonly resolvers: readonly IpAddress[];
  readonly search: readonly string[];
  readonly routes: readonly IpNetwork[];
  /** Not a default router: it tells others of its own network alone (chapter 12). */
  readonly announcing: boolean;
  readonly interval: number | undefined;
  readonly pref64: boolean;
}

export function readRadvd(
  path: string,
  text: string,
  unread: Unread[],
): readonly ReadAdvertisement[] {
  return readBlocks(text).flatMap(({ words, block, line }) => {
    if (words[0] !== 'interface' || block === undefined) {
      unread.push({ path, line, text: words.join(' '), why: 'it is no interface' });
      return [];
    }
    for (const one of block) unreadOf(path, one, unread);
    const of = (key: string): readonly Statement[] => block.filter((one) => one.words[0] === key);
    const option = (key: string): string | undefined => of(key)[0]?.words[1];
    if (option('AdvSendAdvert') !== 'on') return [];
    const interval = Number(option('MaxRtrAdvInterval') ?? Number.NaN);
    return [
      {
        ...{ device: words[1] ?? '', engine: 'radvd' as const },
        prefixes: networksOf(of('prefix')),
        resolvers: of('RDNSS').flatMap((one) =>
          one.words.slice(1).flatMap((word) => parseAddress(word) ?? []),
        ),
        search: of('DNSSL').flatMap((one) => one.words.slice(1)),
        routes: networksOf(of('route')),
        announcing: option('AdvDefaultLifetime') === '0',
        interval: Number.isNaN(interval) ? undefined : interval,
        pref64: of('nat64prefix').length > 0,
      },
    ];
  });
}

function networksOf(statements: readonly Statement[]): readonly IpNetwork[] {
  return statements.flatMap(({ words }) => {
    const parsed = parseNetwork(words[1] ?? '');
    return parsed.kind === 'malformed' ? [] : [parsed.network];
  });
}

/** Told where what is rendered differs on purpose, or has no word for it. */
function unreadOf(path: string, { words, block, line }: Statement, unread: Unread[]): void {
  const [key = ''] = words;
  if (!understood.has(key)) {
    unread.push({
      path,
      line,
      text: words.join(' '),
      why: 'the rendered radvd.conf does not have it',
    });
  }
  for (const inner of block ?? []) {
    const why = changed[inner.words[0] ?? ''];
    if (why === undefined) continue;
    if (inner.words[0]?.endsWith('Lifetime') === true && inner.words[1] !== 'infinity') continue;
    unread.push({ path, line: inner.line, text: inner.words.join(' '), why });
  }
}

const understood = new Set([
  ...[
    'AdvSendAdvert',
    'AdvManagedFlag',
    'AdvOtherConfigFlag',
    'AdvDefaultPreference',
    'prefix',
    'RDNSS',
  ],
  ...[
    'DNSSL',
    'route',
    'nat64prefix',
    'MinRtrAdvInterval',
    'MaxRtrAdvInterval',
    'AdvDefaultLifetime',
  ],
  ...['IgnoreIfMissing'],
]);

const finite =
  'rendered with a lifetime of three intervals: what lasts for ever can never be changed';
const lapsing = 'rendered with one that lapses: what lasts for ever can never be changed';
const changed: Readonly<Record<string, string | undefined>> = {
  AdvRouterAddr: 'left out: an option of Mobile IPv6, which no VM needs',
  AdvRouteLifetime: finite,
  AdvValidLifetime: lapsing,
  AdvPreferredLifetime: lapsing,
  AdvRDNSSLifetime: finite,
};

/** networkd's own, from a .network file or a drop-in of one. */
export function readNetworkdRa(text: string, device: string): readonly ReadAdvertisement[] {
  const bare = text.replaceAll(/^\s*[#;].*$/gm, '');
  if (!/^\s*IPv6SendRA=(yes|true|1)/m.test(bare)) return [];
  const section = (name: string): readonly string[] =>
    bare.split(/^(?=\[)/m).filter((part) => part.startsWith(`[${name}]`));
  const value = (part: string, key: string): string | undefined =>
    new RegExp(`^${key}=(.*)$`, 'm').exec(part)?.[1]?.trim();
  const sending = section('IPv6SendRA')[0] ?? '';
  const networks = (name: string, key: string): readonly IpNetwork[] =>
    section(name).flatMap((part) => {
      const parsed = parseNetwork(value(part, key) ?? '');
      return parsed.kind === 'network' ? [parsed.network] : [];
    });
  return [
    {
      ...{ device, engine: 'networkd' as const, interval: undefined },
      prefixes: networks('IPv6Prefix', 'Prefix'),
      resolvers: (value(sending, 'DNS') ?? '')
        .split(/\s+/)
        .flatMap((one) => parseAddress(one) ?? []),
      search: (value(sending, 'Domains') ?? '').split(/\s+/).filter(Boolean),
      routes: networks('IPv6RoutePrefix', 'Route'),
      announcing: value(sending, 'RouterLifetimeSec') === '0',
      pref64: section('IPv6PREF64Prefix').length > 0,
    },
  ];
}
