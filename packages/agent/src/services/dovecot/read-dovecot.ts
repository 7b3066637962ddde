import { programFailure } from '@sixhub/base';
import type { Reading, Use } from '../../domain/use.js';
import { addressesOf, hasIpv6, loopback } from '../host-addresses.js';
import { inOneLine } from '../own-words.js';
import type { ReaderParts } from '../reader-parts.js';
import { lastOfEachKind, shownOfCertificate } from '../served-files.js';
import { dialectOf, tlsSettingsIn, type Dialect, type TlsSettings } from './dialect.js';
import { parseDoveconf, versionIn } from './doveconf-text.js';
import { filtersIn, matchOf, namesIn, type Connection, type Filter } from './filter.js';
import { listenersIn, type Listener } from './listener.js';

/** Dovecot 2.3 and 2.4 by their own doveconf(1). */
export async function readDovecot(
  parts: ReaderParts,
  configuration: string | undefined,
): Promise<Reading> {
  const file = configuration === undefined ? [] : ['-c', configuration];
  const all = await doveconf(parts, [...file, '-a']);
  if (all.kind === 'failed') return { kind: 'unread', why: all.why };
  const version = versionIn(all.text);
  if (version === undefined) return { kind: 'unread', why: 'doveconf does not say its version' };
  const dialect = dialectOf(version);
  // Asked by name, sections come with what is built in; `-a` of 2.4 prints only what a file says.
  const asked = [...dialect.asked, 'listen', 'protocols', 'service'];
  const named = await doveconf(parts, [...file, ...asked]);
  if (named.kind === 'failed') return { kind: 'unread', why: named.why };
  const whole = parseDoveconf(named.text);
  const lookup: Lookup = {
    parts,
    file,
    dialect,
    main: tlsSettingsIn(whole, dialect),
    filters: filtersIn(parseDoveconf(all.text), dialect),
    told: new Map(),
  };
  const place = configuration ?? '/etc/dovecot/dovecot.conf';
  const uses: Use[] = [];
  for (const listener of listenersIn(whole)) {
    for (const host of await hostsOf(parts, listener.addresses)) {
      uses.push(...(await usesAt(lookup, listener, host, place)));
    }
  }
  return { kind: 'read', uses, prepare: [] };
}

interface Lookup {
  readonly parts: ReaderParts;
  readonly file: readonly string[];
  readonly dialect: Dialect;
  /** Outside of all blocks. */
  readonly main: TlsSettings;
  readonly filters: readonly Filter[];
  /** Answers of doveconf, by what it was asked. */
  readonly told: Map<string, TlsSettings | undefined>;
}

type Answer =
  | { readonly kind: 'told'; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string };

async function doveconf({ run }: ReaderParts, args: readonly string[]): Promise<Answer> {
  const result = await run('doveconf', args);
  const failure = programFailure(result);
  if (result.kind === 'exited' && failure === undefined)
    return { kind: 'told', text: result.stdout };
  return { kind: 'failed', why: inOneLine(failure ?? '') };
}

/** Dovecot listens with IPV6_V6ONLY: `::` is no IPv4. */
async function hostsOf(
  parts: ReaderParts,
  addresses: readonly string[],
): Promise<readonly string[]> {
  const wildcards = new Map([
    ['*', loopback.ipv4],
    ['0.0.0.0', loopback.ipv4],
    ['::', loopback.ipv6],
  ]);
  const hosts: string[] = [];
  for (const address of addresses) {
    const bare = address.replace(/^\[(.*)\]$/, '$1');
    const wildcard = wildcards.get(bare);
    hosts.push(...(wildcard === undefined ? await addressesOf(parts, bare) : [wildcard]));
  }
  const ipv6 = await hasIpv6(parts);
  return [...new Set(hosts.filter((host) => ipv6 || !host.includes(':')))];
}

async function usesAt(
  lookup: Lookup,
  { service, protocol, port }: Listener,
  host: string,
  place: string,
): Promise<readonly Use[]> {
  const { filters, dialect } = lookup;
  const isLmtp = service === 'lmtp';
  const connection: Connection = {
    protocol: service,
    local: isLmtp ? undefined : host,
    // From the same machine a client comes by the address that it goes to, or by the first of 127.0.0.0/8.
    remote: isLmtp ? undefined : host.startsWith('127.') ? loopback.ipv4 : host,
    name: undefined,
  };
  const unnamed = await settingsFor(lookup, connection);
  // Whether there is TLS at all is settled before a name is asked.
  if (unnamed === undefined || !['yes', 'required'].includes(unnamed.get('ssl') ?? '')) return [];
  const endpoint = { protocol, host, port };
  const uses = await usesOf(lookup, unnamed, { endpoint, servername: undefined, where: place });
  if (isLmtp && !dialect.lmtpHasNames) return uses;
  const named: Use[] = [];
  for (const name of namesIn(filters)) {
    const asking = { ...connection, name };
    const isMeant = filters.some(
      (filter) =>
        filter.conditions.some(({ kind }) => kind === 'local_name') &&
        dialect.certificates.some((setting) => filter.settings.has(setting)) &&
        matchOf(filter, asking) !== 'no',
    );
    const settings = isMeant ? await settingsFor(lookup, asking) : undefined;
    if (settings === undefined) continue;
    const about = { endpoint, servername: name, where: `${place}: local_name ${name}` };
    named.push(...(await usesOf(lookup, settings, about)));
  }
  return [...uses, ...named];
}

async function usesOf(
  { parts, dialect }: Lookup,
  settings: TlsSettings,
  about: Omit<Use, 'certificate'>,
): Promise<readonly Use[]> {
  const shown = await Promise.all(
    dialect.certificates.flatMap((setting) => {
      const path = dialect.fileOf(settings.get(setting) ?? '');
      if (path === undefined) return [];
      return [
        parts.files
          .read(path)
          .catch(() => undefined) // not there yet
          .then((text) => ({ ...shownOfCertificate({ path, text }), setting })),
      ];
    }),
  );
  return lastOfEachKind(shown).map(({ path, setting }) => ({
    ...about,
    certificate: path,
    where: about.servername === undefined ? `${about.where}: ${setting}` : about.where,
  }));
}

/**
 * One block's settings go before those outside. Which of several blocks has the word is Dovecot's to say: 2.3 has an
 * order of its own and refuses a connection whose blocks contradict each other (undefined), 2.4 takes the last one.
 */
async function settingsFor(
  lookup: Lookup,
  connection: Connection,
): Promise<TlsSettings | undefined> {
  const matching = lookup.filters
    .map((filter) => ({ filter, match: matchOf(filter, connection) }))
    .filter(({ match }) => match !== 'no');
  const [first, ...more] = matching;
  if (first === undefined) return lookup.main;
  if (more.length === 0 && first.match === 'yes') {
    return new Map([...lookup.main, ...first.filter.settings]);
  }
  const { dialect, file, parts, told } = lookup;
  const conditions = [
    [dialect.filters.protocol, connection.protocol],
    [dialect.filters.name, connection.name],
    ['local', connection.local],
    ['remote', connection.remote],
  ];
  const args = [
    ...file,
    ...conditions.flatMap(([key, value]) => (value === undefined ? [] : ['-f', `${key}=${value}`])),
    ...dialect.asked,
  ];
  const key = args.join(' ');
  if (!told.has(key)) {
    const answer = await doveconf(parts, args);
    told.set(
      key,
      answer.kind === 'failed' ? undefined : tlsSettingsIn(parseDoveconf(answer.text), dialect),
    );
  }
  return told.get(key);
}
