import { BlockList, isIP } from 'node:net';
import { tlsSettingsIn, type Dialect, type TlsSettings } from './dialect.js';
import type { Section } from './doveconf-text.js';

/** A block of settings that hold for some connections: `local_name x { … }`, `protocol imap { … }`, one in another. */
export interface Filter {
  /** `local`, `local_name`, `remote` and `protocol` with their labels, the outermost first. */
  readonly conditions: readonly { readonly kind: string; readonly label: string }[];
  readonly settings: TlsSettings;
}

/** What is known of a connection; undefined is what the program does not look at, or what is not asked. */
export interface Connection {
  readonly protocol: string;
  readonly local: string | undefined;
  readonly remote: string | undefined;
  readonly name: string | undefined;
}

const kinds: ReadonlySet<string> = new Set(['local', 'local_name', 'remote', 'protocol']);

/** Those that say something of certificates. */
export function filtersIn(
  section: Section,
  dialect: Dialect,
  outer: Filter['conditions'] = [],
): readonly Filter[] {
  return section.sections
    .filter(({ kind }) => kinds.has(kind))
    .flatMap((inner) => {
      const conditions = [...outer, { kind: inner.kind, label: inner.label }];
      const settings = tlsSettingsIn(inner, dialect);
      return [
        ...(settings.size > 0 ? [{ conditions, settings }] : []),
        ...filtersIn(inner, dialect, conditions),
      ];
    });
}

/** Names that a client can ask for; one with a wildcard names nobody. Only 2.3 takes several in one label. */
export function namesIn(filters: readonly Filter[]): readonly string[] {
  const labels = filters.flatMap(({ conditions }) =>
    conditions
      .filter(({ kind }) => kind === 'local_name')
      .flatMap(({ label }) => label.split(/\s+/)),
  );
  const names = labels.map((label) => label.toLowerCase());
  return [...new Set(names.filter((name) => /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(name)))];
}

/** `perhaps` where only Dovecot itself can tell: a host name for an address, a pattern that is not known here. */
export type Match = 'yes' | 'no' | 'perhaps';

export function matchOf({ conditions }: Filter, connection: Connection): Match {
  const matches = conditions.map(({ kind, label }): Match => {
    switch (kind) {
      case 'protocol':
        return matchProtocol(label, connection.protocol);
      case 'local_name':
        return matchName(label, connection.name);
      case 'local':
        return matchAddress(label, connection.local);
      default:
        return matchAddress(label, connection.remote);
    }
  });
  if (matches.includes('no')) return 'no';
  return matches.includes('perhaps') ? 'perhaps' : 'yes';
}

function matchProtocol(label: string, protocol: string): Match {
  if (!/^!?\w+$/.test(label)) return 'perhaps';
  return label.startsWith('!') === (label.replace('!', '') === protocol) ? 'no' : 'yes';
}

/** `*.example.org` is one label more than example.org: seen, as in RFC 9525 §6.3. */
function matchName(label: string, name: string | undefined): Match {
  if (name === undefined) return 'no';
  const parent = name.replace(/^[^.]+\./, '*.');
  const patterns = label.toLowerCase().split(/\s+/);
  if (patterns.includes(name) || patterns.includes(parent)) return 'yes';
  return patterns.some((pattern) => /[*?]/.test(pattern.replace(/^\*\./, ''))) ? 'perhaps' : 'no';
}

function matchAddress(label: string, address: string | undefined): Match {
  if (address === undefined) return 'no';
  const [network = '', bits] = label.split('/');
  const family = isIP(network);
  if (family === 0 || (bits !== undefined && !/^\d+$/.test(bits))) return 'perhaps';
  const length = bits === undefined ? undefined : Number(bits);
  const longest = family === 4 ? 32 : 128;
  if (length !== undefined && length > longest) return 'perhaps';
  if (isIP(address) !== family) return 'no';
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(network, length ?? longest, type);
  return list.check(address, type) ? 'yes' : 'no';
}
