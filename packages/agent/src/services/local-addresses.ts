import { ipAddress } from './ip-address.js';
import type { ReaderParts } from './reader-parts.js';

/** Which addresses this machine answers at: a configuration may name others, of the machine that it takes over from. */
export interface LocalAddresses {
  has(address: string): boolean;
  /** A socket bound to `::` takes no IPv4 unless its program says so (ipv6(7), bindv6only). */
  readonly v6only: boolean;
}

export async function readLocalAddresses(files: ReaderParts['files']): Promise<LocalAddresses> {
  const read = (path: string): Promise<string | undefined> =>
    files.read(path).catch(() => undefined); // what /proc does not tell is not held against an address
  const [v6, v4, only] = await Promise.all([
    read('/proc/net/if_inet6'),
    read('/proc/net/fib_trie'),
    read('/proc/sys/net/ipv6/bindv6only'),
  ]);
  return localAddresses(v6, v4, only?.trim() === '1');
}

/** The texts as proc(5) has them; without one, every address of that family counts as local. */
export function localAddresses(
  ifInet6: string | undefined,
  fibTrie: string | undefined,
  v6only: boolean,
): LocalAddresses {
  const v6 = ifInet6 === undefined ? undefined : new Set(v6Addresses(ifInet6));
  const v4 = fibTrie === undefined ? undefined : new Set(v4Addresses(fibTrie));
  return {
    v6only,
    has(address) {
      const [bare = ''] = address.split('%');
      if (bare.includes(':')) return v6?.has(ipAddress(bare) ?? bare) ?? true;
      return bare.startsWith('127.') || (v4?.has(bare) ?? true);
    },
  };
}

/** Where a socket bound to any address is reached from the machine itself. */
export function loopbacks(
  families: { readonly v4: boolean; readonly v6: boolean },
  local: LocalAddresses,
): readonly string[] {
  return [
    ...(families.v6 && local.has('::1') ? ['::1'] : []),
    ...(families.v4 ? ['127.0.0.1'] : []),
  ];
}

function v6Addresses(ifInet6: string): readonly string[] {
  return ifInet6
    .split('\n')
    .map((line) => line.slice(0, 32))
    .filter((digits) => /^[0-9a-f]{32}$/.test(digits))
    .map((digits) => digits.replace(/(.{4})(?!$)/g, '$1:'))
    .map((address) => ipAddress(address) ?? address);
}

/** In the trie a local address is a leaf whose prefix says `/32 host LOCAL`. */
function v4Addresses(fibTrie: string): readonly string[] {
  const found: string[] = [];
  let leaf = '';
  for (const line of fibTrie.split('\n')) {
    const named = /\|-- (\d[\d.]+)$/.exec(line)?.[1];
    if (named !== undefined) leaf = named;
    else if (line.endsWith('/32 host LOCAL')) found.push(leaf);
  }
  return found;
}
