import { readBlocks, type Statement } from './blocks.js';
import { parseAddress, type IpAddress } from './ip-address.js';
import { contains, network, parseNetwork, type IpNetwork } from './ip-network.js';
import { bodyOf } from './origin.js';
import { specialUse } from './special-networks.js';

/**
 * The name server that the machine has now, as its files have it, whoever wrote them. BIND's views are not looked into, nor
 * files that are included from elsewhere than /etc/bind.
 */
export interface OwnStatement {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

export interface OpenResolver extends OwnStatement {
  readonly program: 'BIND' | 'Unbound';
}

/** An authoritative zone, and whether it says by itself who may ask. */
export interface OwnZone extends OwnStatement {
  readonly name: string;
  readonly ownQuery: boolean;
}

type Files = ReadonlyMap<string, string>;

/** Where everybody is answered with what must be looked up; what hostcore itself wrote is judged by host.toml. */
export function openResolvers(files: Files): readonly OpenResolver[] {
  return [...openBind(files), ...openUnbound(files)];
}

function openBind(files: Files): readonly OpenResolver[] {
  const bind = readBind(files);
  const { options } = bind;
  if (options === undefined || bind.isOurs || named(options, 'recursion')?.words[1] === 'no') {
    return [];
  }
  const [recursion, cache, query] = ['allow-recursion', 'allow-query-cache', 'allow-query'].map(
    (key) => named(options, key),
  );
  // Each stands for the other, and allow-query for both (BIND's reference, allow-recursion and allow-query-cache).
  const asking = recursion ?? cache ?? query;
  const open = [asking, cache ?? recursion ?? query].every((one) => admitsAll(one, bind.acls));
  if (asking === undefined || !open || !listensOutside(options)) return [];
  return [{ program: 'BIND', ...placed(bind.path, asking) }];
}

interface Bind {
  readonly path: string;
  readonly options: readonly Statement[] | undefined;
  readonly isOurs: boolean;
  readonly acls: ReadonlyMap<string, Statement>;
}

function readBind(files: Files): Bind {
  const found = bindFiles(files).flatMap(([path, all]) =>
    all.map((statement) => ({ path, statement })),
  );
  const options = found.find(({ statement }) => statement.words[0] === 'options');
  const path = options?.path ?? '/etc/bind/named.conf.options';
  const text = files.get(path) ?? '';
  const acls = found.filter(({ statement }) => statement.words[0] === 'acl');
  return {
    ...{ path, options: options?.statement.block, isOurs: bodyOf(text) !== text },
    acls: new Map(acls.map(({ statement }) => [statement.words[1] ?? '', statement])),
  };
}

function bindFiles(files: Files): readonly (readonly [string, readonly Statement[]])[] {
  return [...files]
    .filter(([path]) => path.startsWith('/etc/bind/'))
    .map(([path, text]) => [path, readBlocks(text)] as const);
}

function named(options: readonly Statement[], key: string): Statement | undefined {
  return options.find(({ words }) => words[0] === key);
}

function placed(path: string, statement: Statement): OwnStatement {
  return { path, line: statement.line, text: written(statement) };
}

function written({ words, block }: Statement): string {
  if (block === undefined) return words.join(' ');
  const inner = block.map((one) => `${written(one)};`).join(' ');
  return [...words, `{ ${inner} }`].join(' ');
}

/** The first element that fits decides; a network that holds half the internet is as good as `any`. */
function admitsAll(list: Statement | undefined, acls: Bind['acls'], depth = 0): boolean {
  for (const { words, block } of list?.block ?? []) {
    const [word = ''] = words;
    if (word === 'none' || word === '!any') return false;
    if (word === 'any' || isWide(word)) return true;
    const inner = block === undefined ? acls.get(word) : { words, block, line: 0 };
    if (depth < 8 && admitsAll(inner, acls, depth + 1)) return true;
  }
  return false;
}

function isWide(word: string): boolean {
  const parsed = parseNetwork(word);
  if (parsed.kind !== 'network' || specialUse(parsed.network) !== undefined) return false;
  return parsed.network.length <= (parsed.network.family === 6 ? 32 : 16);
}

function listensOutside(options: readonly Statement[]): boolean {
  return ['listen-on', 'listen-on-v6'].some((key) => {
    const statement = named(options, key);
    return statement === undefined || (statement.block ?? []).some(({ words }) => isOutside(words));
  });
}

const inward = new Set(['none', 'localhost', '!any']);

function isOutside([word = '']: readonly string[]): boolean {
  if (inward.has(word) || word.startsWith('!')) return false;
  const parsed = parseNetwork(word);
  const place = parsed.kind === 'network' ? parsed.network : parseAddress(word);
  return place === undefined || !isInward(place);
}

function isInward(one: IpNetwork | IpAddress): boolean {
  const use = specialUse(one)?.use;
  return use === 'loopback' || use === 'private' || contains(linkLocal, one);
}

const linkLocal = network('fe80::/10');

/** Without access-control it answers this machine alone, and without interface it listens there alone. */
function openUnbound(files: Files): readonly OpenResolver[] {
  const lines = [...files]
    .filter(([path, text]) => path.startsWith('/etc/unbound/') && bodyOf(text) === text)
    .flatMap(([path, text]) =>
      text.split('\n').map((raw, index) => ({
        ...{ path, line: index + 1, text: raw.replace(/#.*$/, '').trim() },
      })),
    );
  const values = (key: RegExp): readonly string[] =>
    lines.flatMap(({ text }) => key.exec(text)?.[1] ?? []);
  const listens = values(/^(?:interface|ip-address):\s*"?([^\s"@]+)/).some(
    (one) => isOutside([one]) || /^(0\.0\.0\.0|::0?)$/.test(one),
  );
  if (!listens && !values(/^interface-automatic:\s*(yes)/).includes('yes')) return [];
  return lines
    .filter(({ text }) => {
      const allowed = /^access-control:\s*"?([^\s"]+)"?\s+allow/.exec(text)?.[1];
      return allowed !== undefined && (allowed.endsWith('/0') || isWide(allowed));
    })
    .map((one) => ({ program: 'Unbound' as const, ...one }));
}

/** Zones that this machine answers for by itself; not those that come with the package. */
export function ownZones(files: Files): readonly OwnZone[] {
  return bindFiles(files)
    .filter(([path]) => !/default-zones|rfc1918/.test(path))
    .flatMap(([path, all]) =>
      all.flatMap((statement) => {
        const { words, block = [], line } = statement;
        const type = named(block, 'type')?.words[1] ?? '';
        if (words[0] !== 'zone' || !/^(master|slave|primary|secondary|mirror)$/.test(type)) {
          return [];
        }
        const name = words[1] ?? '';
        const ownQuery = named(block, 'allow-query') !== undefined;
        return [{ path, line, text: `zone "${name}"`, name, ownQuery }];
      }),
    );
}

/** What the options say of who may ask and where, as they are; undefined where they are ours, or nowhere. */
export function ownOptions(
  files: Files,
): { readonly query: OwnStatement | undefined; readonly ipv4: string | undefined } | undefined {
  const { options, path, isOurs } = readBind(files);
  if (options === undefined || isOurs) return undefined;
  const query = named(options, 'allow-query');
  const listening = named(options, 'listen-on');
  const isIpv4 =
    listening === undefined || (listening.block ?? []).some(({ words }) => words[0] !== 'none');
  return {
    query: query === undefined ? undefined : placed(path, query),
    ipv4: isIpv4
      ? listening === undefined
        ? 'listen-on { any; }'
        : written(listening)
      : undefined,
  };
}
