import { loopbacks, type LocalAddresses } from '../local-addresses.js';
import { servername } from '../servername.js';
import { matchesWildcard } from '../wildcard.js';
import type { ConfigDump, Directive } from './config-dump.js';
import { listenersOf, type Listener } from './listener.js';
import { last, tlsServer, type CertificateFile, type TlsServer } from './tls-server.js';
import type { ListedServer, ServerGroup } from './vhost-dump.js';

/** What a client is shown at an address when it asks for a name, or for none. */
export interface Shown {
  readonly host: string;
  readonly port: number;
  readonly servername: string | undefined;
  /** Several where several types of key, or files that push one another out. */
  readonly certificates: readonly CertificateFile[];
}

export interface ApacheDump {
  readonly serverRoot: string;
  readonly groups: readonly ServerGroup[];
  readonly config: ConfigDump;
}

/** A server with what is needed to choose it. */
interface Server extends TlsServer {
  readonly names: readonly string[];
  readonly wildcards: readonly string[];
}

export function shownBy(dump: ApacheDump, local: LocalAddresses): readonly Shown[] {
  const listeners = listenersOf(dump.config.main);
  const places = listeners.flatMap((listener) =>
    hostsOf(listener, dump.groups, local).map((host) => ({ host, port: listener.port })),
  );
  const seen = new Set<string>();
  return places.flatMap(({ host, port }) => {
    const key = `${host} ${port}`;
    if (seen.has(key)) return [];
    seen.add(key);
    const group = groupAt(dump.groups, host, port);
    const servers = group?.servers.map((listed) => vhost(dump, group, listed)) ?? [
      mainServer(dump),
    ];
    const all = servers.map((server, index) => ({
      ...server,
      engine: server.engine ?? byProtocol(dump, listeners, group?.servers[index], server.protocol),
    }));
    return shownAt(all, group?.named ?? false).map((shown) => ({ host, port, ...shown }));
  });
}

/** An address that a socket of any address answers at too is one if a group is for it: it may show something else. */
function hostsOf(
  { host, port, families }: Listener,
  groups: readonly ServerGroup[],
  local: LocalAddresses,
): readonly string[] {
  if (host !== undefined) return local.has(host) ? [host] : [];
  const named = groups.flatMap((group) =>
    group.host !== undefined &&
    (group.port ?? port) === port &&
    (group.host.includes(':') ? families.v6 : families.v4) &&
    local.has(group.host)
      ? [group.host]
      : [],
  );
  return [...loopbacks(families, local), ...named];
}

function groupAt(
  groups: readonly ServerGroup[],
  host: string,
  port: number,
): ServerGroup | undefined {
  const here = groups.filter((group) => (group.port ?? port) === port);
  return (
    here.find((group) => group.host === host) ?? here.find((group) => group.host === undefined)
  );
}

/** The first server's engine decides whether TLS is spoken; by SNI another one's certificate takes the place of its. */
function shownAt(
  servers: readonly Server[],
  named: boolean,
): readonly Pick<Shown, 'servername' | 'certificates'>[] {
  const [first] = servers;
  if (first?.engine !== true || servers.some(({ proxied }) => proxied)) return [];
  const names = new Set(
    servers
      .flatMap((server) => server.names)
      .map(servername)
      .filter((name) => name !== undefined),
  );
  const chosen = (name: string): Server =>
    (named ? servers.find((server) => answers(server, name)) : undefined) ?? first;
  return [
    { servername: undefined, certificates: first.certificates },
    ...Array.from(names, (name) => {
      const server = chosen(name);
      // A server without TLS has no context of its own: OpenSSL goes on with the first one's.
      return {
        servername: name,
        certificates: (server.engine === true ? server : first).certificates,
      };
    }),
  ];
}

/** In the order of the file, and within a server names before wildcards: an earlier wildcard hides a later name. */
function answers({ names, wildcards }: Server, name: string): boolean {
  return (
    names.some((own) => own.toLowerCase() === name) ||
    wildcards.some((pattern) => matchesWildcard(pattern.toLowerCase(), name))
  );
}

function vhost(
  { serverRoot, config }: ApacheDump,
  group: ServerGroup,
  listed: ListedServer,
): Server {
  const own = config.servers.get(listed.where) ?? [];
  const aliases = group.named ? listed.aliases : aliasesOf(own);
  const names = [listed.name, ...aliases];
  return { ...tlsServer(config, serverRoot, own, names), names, wildcards: listed.wildcards };
}

/** Answers at addresses that no <VirtualHost> is for. */
function mainServer({ serverRoot, config }: ApacheDump): Server {
  const named = last(config.main, 'servername')?.words[0];
  const name = named?.replace(/^[a-z]+:\/\//i, '').replace(/:\d+$/, '');
  const names = [...(name === undefined ? [] : [name]), ...aliasesOf(config.main)];
  return { ...tlsServer(config, serverRoot, config.main, names), names, wildcards: [] };
}

function aliasesOf(directives: readonly Directive[]): readonly string[] {
  return directives.filter(({ name }) => name === 'serveralias').flatMap(({ words }) => words);
}

/**
 * Where SSLEngine is not set, TLS is spoken if the server's protocol is https: that of `Protocol`, else of a `Listen`
 * for an address of the server, else of one with its port. Port 443 is https (mod_ssl since 2.4.32).
 */
function byProtocol(
  { groups }: ApacheDump,
  listeners: readonly Listener[],
  listed: ListedServer | undefined,
  said: string | undefined,
): boolean {
  if (said !== undefined) return said === 'https';
  const own = groups.filter(({ servers }) => servers.some(({ where }) => where === listed?.where));
  const listener =
    own
      .map(({ host, port }) => listeners.find((one) => one.host === host && one.port === port))
      .find((found) => found !== undefined) ??
    own
      .map(({ port }) => listeners.findLast((one) => one.port === port))
      .find((found) => found !== undefined);
  return listener?.protocol === 'https';
}
