import { formatAddress, parseAddress, sameAddress, type IpAddress } from '../ip-address.js';
import { contains, formatNetwork, parseNetwork } from '../ip-network.js';
import type { Facts } from '../facts.js';
import type { Host } from '../host.js';
import { bodyOf } from '../origin.js';
import type { Loss } from '../said.js';
import type { SetAside } from './set-aside.js';

/**
 * Unbound reads every file of its directory as one: an address to listen at that two of them name is refused by
 * unbound-checkconf, a second forward zone for `.` is ignored, and the last module-config wins. Somebody else's file that says
 * any of these is therefore no neighbour of ours. Those of the package (trust anchor, remote control) say none.
 */
export function unboundBeside(host: Host, { files }: Pick<Facts, 'files'>): readonly SetAside[] {
  if (host.dns64?.engine !== 'unbound') return [];
  return [...files].flatMap(([path, text]) => {
    if (!path.startsWith('/etc/unbound/unbound.conf.d/') || bodyOf(text) !== text) return [];
    if (path.endsWith('/sixhub.conf')) return [];
    const lines = statements(text);
    const rival = rivalOf(text);
    if (rival === undefined) return [];
    const why = `Unbound reads it beside sixhub.conf, and both say ${rival.key} (line ${rival.line})`;
    return [{ path, why, lost: lines.flatMap((one) => lossOf(host, one)) }];
  });
}

interface Statement {
  readonly line: number;
  readonly key: string;
  readonly value: string;
}

/** The first line that ours has as well. */
export function rivalOf(text: string): Statement | undefined {
  return statements(text).find(isRival);
}

function statements(text: string): readonly Statement[] {
  return text.split('\n').flatMap((raw, index) => {
    const [, key, value = ''] = /^\s*([a-z0-9-]+):\s*(.*)$/.exec(raw.replace(/#.*$/, '')) ?? [];
    return key === undefined
      ? []
      : [{ line: index + 1, key, value: value.replaceAll('"', '').trim() }];
  });
}

function isRival({ key, value }: Statement): boolean {
  return key === 'name' ? value === '.' : rivals.has(key);
}

const rivals = new Set(['interface', 'ip-address', 'module-config', 'dns64-prefix']);

function lossOf(host: Host, { line, key, value }: Statement): readonly Loss[] {
  const judge = judges.get(key);
  const why =
    judge === undefined ? 'the rendered sixhub.conf does not have it' : judge(value, host);
  return why === undefined ? [] : [{ line, text: `${key}: ${value}`.trim(), why }];
}

/** Why what a line says is gone with it; undefined where ours says the same. */
type Judge = (value: string, host: Host) => string | undefined;

const same: Judge = () => undefined;

const listens: Judge = (value, { inside }) =>
  value === '::1' || isAmong([inside.address], value)
    ? undefined
    : `it listens at ::1 and ${formatAddress(inside.address)} alone`;

const judges: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ...['server', 'forward-zone', 'ip-freebind', 'private-address'].map(
    (key) => [key, same] as const,
  ),
  ['interface', listens],
  ['ip-address', listens],
  [
    'access-control',
    (value, { inside, dns64 }) =>
      isClient([inside.network, ...(dns64?.clients ?? [])], value)
        ? undefined
        : 'who else may ask belongs into dns64.clients',
  ],
  [
    'forward-addr',
    (value, { dns64 }) =>
      isAmong(dns64?.forwarders ?? [], value) ? undefined : 'dns64.forwarders does not have it',
  ],
  ['name', (value) => (value === '.' ? undefined : 'host.toml has no zone but the whole')],
  [
    'module-config',
    (value, { dns64 }) =>
      value.includes('validator') === dns64?.validate && isUsual(value)
        ? undefined
        : `with dns64.validate = ${dns64?.validate}, and no further module`,
  ],
  [
    'dns64-prefix',
    (value, { nat64 }) =>
      nat64 !== undefined && value === formatNetwork(nat64.prefix)
        ? undefined
        : 'it is the prefix of nat64',
  ],
]);

/** An address, which may have a port behind `@`. */
function isAmong(list: readonly IpAddress[], value: string): boolean {
  const address = parseAddress(value.split('@')[0] ?? '');
  return address !== undefined && list.some((one) => sameAddress(one, address));
}

function isUsual(modules: string): boolean {
  return modules.split(/\s+/).every((one) => ['dns64', 'validator', 'iterator'].includes(one));
}

/** A network that is allowed, all of it; this machine asks at `::1`. */
function isClient(clients: readonly Host['inside']['network'][], value: string): boolean {
  const [network = '', verdict] = value.split(/\s+/);
  const parsed = parseNetwork(network);
  if (parsed.kind !== 'network') return false;
  const own = ['::1/128', '127.0.0.0/8'].includes(formatNetwork(parsed.network));
  return verdict === 'allow' && (own || clients.some((one) => contains(one, parsed.network)));
}
