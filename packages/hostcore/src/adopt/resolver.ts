import { parseAddress, type IpAddress } from '../domain/ip-address.js';
import { networkOf, parseNetwork, type IpNetwork } from '../domain/ip-network.js';
import { specialUse } from '../domain/special-networks.js';
import { readBlocks, type Statement } from '../domain/blocks.js';
import { readInterfaced, type Unread } from './reading.js';

export interface ReadResolver {
  readonly engine: 'bind' | 'unbound';
  readonly path: string;
  readonly prefix: IpNetwork;
  readonly forwarders: readonly IpAddress[];
  readonly clients: readonly IpNetwork[];
  readonly validate: boolean;
  readonly breakDnssec: boolean;
}

/** named.conf.options: what hostcore renders otherwise, or not at all, is said. */
export function readBind(path: string, text: string, unread: Unread[]): ReadResolver | undefined {
  const all = readBlocks(text);
  const options = all.find(({ words }) => words[0] === 'options')?.block;
  const dns64 = options?.find(({ words }) => words[0] === 'dns64');
  const prefix = parseNetwork(dns64?.words[1] ?? '');
  if (options === undefined || dns64 === undefined || prefix.kind !== 'network') return undefined;
  const named = new Map(options.map((one) => [one.words[0] ?? '', one]));
  const acls = new Map(
    all
      .filter(({ words }) => words[0] === 'acl')
      .map(({ words, block }) => [words[1] ?? '', block ?? []]),
  );
  for (const { words, line, block } of options) {
    if (understood.has(words[0] ?? '')) continue;
    const words_ = [...words, ...(block === undefined ? [] : ['{ … }'])].join(' ');
    unread.push({
      path,
      line,
      text: words_,
      why: 'the rendered named.conf.options does not have it',
    });
  }
  const asking = named.get('allow-recursion') ?? named.get('allow-query');
  refuseClients(path, asking, acls, unread);
  const inner = new Map((dns64.block ?? []).map((one) => [one.words[0] ?? '', one]));
  return {
    ...{ engine: 'bind', path, prefix: prefix.network },
    forwarders: addresses(named.get('forwarders')),
    clients: networks(asking, acls),
    validate: named.get('dnssec-validation')?.words[1] !== 'no',
    breakDnssec: inner.get('break-dnssec')?.words[1] === 'yes',
  };
}

const understood = new Set([
  ...['directory', 'forwarders', 'forward', 'dnssec-validation', 'auth-nxdomain', 'listen-on'],
  ...['listen-on-v6', 'allow-query', 'allow-query-cache', 'allow-recursion', 'recursion', 'dns64'],
  ...['dnssec-enable'],
]);

function refuseClients(
  path: string,
  asking: Statement | undefined,
  acls: ReadonlyMap<string, readonly Statement[]>,
  unread: Unread[],
): void {
  for (const { words, line } of asking?.block ?? []) {
    const [word = ''] = words;
    if (acls.has(word) || builtIn.has(word) || readClient(word) !== undefined) continue;
    const why = 'dns64.clients in host.toml has networks alone';
    unread.push({ path, line, text: words.join(' '), why });
  }
}

function readClient(word: string): IpNetwork | undefined {
  const parsed = readInterfaced(word);
  return parsed === undefined ? undefined : networkOf(parsed.address, parsed.length);
}

/** `any` is told of with the resolver that it opens. */
const builtIn = new Set(['any', 'none', 'localhost', 'localnets']);

function addresses(statement: Statement | undefined): readonly IpAddress[] {
  return (statement?.block ?? []).flatMap(({ words }) => parseAddress(words[0] ?? '') ?? []);
}

function networks(
  statement: Statement | undefined,
  acls: ReadonlyMap<string, readonly Statement[]>,
): readonly IpNetwork[] {
  return (statement?.block ?? []).flatMap(({ words: [first = ''] }) => {
    const acl = acls.get(first);
    if (acl !== undefined) return networks({ words: [], block: acl, line: 0 }, new Map());
    const client = readClient(first);
    return client === undefined || specialUse(client)?.use === 'loopback' ? [] : [client];
  });
}

/** All of Unbound's files as one. */
export function readUnbound(
  files: readonly (readonly [string, string])[],
  unread: Unread[],
): ReadResolver | undefined {
  const lines = files.flatMap(([path, text]) =>
    text.split('\n').map((line, index) => ({
      ...{ path, number: index + 1 },
      line: line.replace(/#.*$/, '').trim(),
    })),
  );
  const values = (key: string): readonly string[] =>
    lines.flatMap(({ line }) => {
      const found = new RegExp(`^${key}:\\s*(.+)$`).exec(line)?.[1];
      return found === undefined ? [] : [found.replaceAll('"', '')];
    });
  const modules = values('module-config').at(-1) ?? '';
  if (!modules.includes('dns64')) return undefined;
  const prefix = parseNetwork(values('dns64-prefix').at(-1) ?? '64:ff9b::/96');
  if (prefix.kind !== 'network') return undefined;
  for (const { path, number, line } of lines) {
    const key = /^([a-z0-9-]+):/.exec(line)?.[1];
    if (key === undefined || unboundKeys.has(key)) continue;
    unread.push({
      path,
      line: number,
      text: line,
      why: 'the rendered sixhub.conf does not have it',
    });
  }
  return {
    ...{ engine: 'unbound', path: files[0]?.[0] ?? '', prefix: prefix.network },
    forwarders: values('forward-addr').flatMap(
      (one) => parseAddress(one.split('@')[0] ?? '') ?? [],
    ),
    clients: values('access-control').flatMap((one) => {
      const [network = '', verdict] = one.split(/\s+/);
      const parsed = parseNetwork(network);
      return parsed.kind === 'network' && verdict === 'allow' ? [parsed.network] : [];
    }),
    validate: modules.includes('validator'),
    breakDnssec: false,
  };
}

const unboundKeys = new Set([
  ...[
    'server',
    'forward-zone',
    'name',
    'forward-addr',
    'module-config',
    'dns64-prefix',
    'interface',
  ],
  ...['access-control', 'include', 'include-toplevel', 'auto-trust-anchor-file', 'ip-freebind'],
  ...['private-address', 'remote-control', 'control-enable', 'control-interface'],
]);
