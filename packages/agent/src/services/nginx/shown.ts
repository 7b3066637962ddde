import type { Endpoint, Protocol } from '@sixhub/wire';
import { loopbacks, type LocalAddresses } from '../local-addresses.js';
import { servername } from '../servername.js';
import type { Listen } from './listen.js';
import type { CertificateFile, Room, Server } from './server.js';

/** What a client is shown at an endpoint when it asks for a name, or for none. */
export interface Shown {
  readonly endpoint: Endpoint;
  readonly servername: string | undefined;
  /** Several where several types of key, or files that push one another out. */
  readonly certificates: readonly CertificateFile[];
}

/** The servers that share an address. */
interface Group {
  readonly host: string;
  readonly port: number;
  readonly members: readonly { readonly server: Server; readonly listen: Listen }[];
}

export function shownBy(room: Room, local: LocalAddresses, hostname: string): readonly Shown[] {
  const groups = groupsOf(room.servers);
  const seen = new Set<string>();
  return groups.flatMap((group) =>
    hostsOf(group, local).flatMap((host) => {
      const { port } = group;
      const key = `${host} ${port}`;
      const here = groups.find((other) => other.host === host && other.port === port) ?? group;
      const protocol = protocolOf(room, here);
      if (seen.has(key) || protocol === undefined) return [];
      seen.add(key);
      const choices = room.kind === 'mail' ? byDefault(here) : byName(here, hostname);
      return choices.map((choice) => ({ endpoint: { protocol, host, port }, ...choice }));
    }),
  );
}

function groupsOf(servers: readonly Server[]): readonly Group[] {
  const groups = new Map<
    string,
    { host: string; port: number; members: Group['members'][number][] }
  >();
  for (const server of servers) {
    for (const listen of server.listens) {
      const { host, port } = listen;
      const key = `${host} ${port}`;
      const group = groups.get(key) ?? { host, port, members: [] };
      groups.set(key, group);
      group.members.push({ server, listen });
    }
  }
  return [...groups.values()];
}

/** nginx binds `::` to IPv6 alone unless one of the servers says otherwise (ipv6only=on since 1.3.4). */
function hostsOf({ host, members }: Group, local: LocalAddresses): readonly string[] {
  if (host === '0.0.0.0') return loopbacks({ v4: true, v6: false }, local);
  if (host === '::')
    return loopbacks({ v4: members.some(({ listen }) => listen.both), v6: true }, local);
  return local.has(host) ? [host] : [];
}

/** Undefined where no client is shown a certificate. What one server says of an address holds for all that share it. */
function protocolOf({ kind }: Room, group: Group): Protocol | undefined {
  const { members, port } = group;
  const first = defaultOf(group);
  if (members.some(({ listen }) => listen.proxied)) return undefined;
  const ssl = first.ssl || members.some(({ listen }) => listen.ssl);
  if (kind !== 'mail') return ssl ? 'tls' : undefined;
  const spoken = mailProtocols.find(({ name, ports }) =>
    first.mail.protocol === undefined ? ports.includes(port) : name === first.mail.protocol,
  );
  if (ssl) return spoken?.ssl;
  return first.mail.starttls ? spoken?.name : undefined;
}

/** By the port where `protocol` is not said (https://nginx.org/en/docs/mail/ngx_mail_core_module.html#protocol). */
const mailProtocols: readonly {
  readonly name: Protocol;
  readonly ssl: Protocol;
  readonly ports: readonly number[];
}[] = [
  { name: 'imap', ssl: 'imaps', ports: [143, 993] },
  { name: 'pop3', ssl: 'pop3s', ports: [110, 995] },
  { name: 'smtp', ssl: 'smtps', ports: [25, 465, 587] },
];

function defaultOf({ members }: Group): Server {
  const found = members.find(({ listen }) => listen.byDefault) ?? members[0];
  if (found === undefined) throw new Error('a group without a server');
  return found.server;
}

type Choice = Pick<Shown, 'servername' | 'certificates'>;

/** A mail server looks at no SNI. */
function byDefault(group: Group): readonly Choice[] {
  return choiceOf(undefined, [defaultOf(group)]);
}

/** The default server without a name, else the first that has the name itself: exact names go before all patterns. */
function byName(group: Group, hostname: string): readonly Choice[] {
  const first = defaultOf(group);
  const byName = new Map<string, Server>();
  for (const { server } of group.members) {
    for (const name of server.names.flatMap((written) => exactName(written, hostname))) {
      if (!byName.has(name)) byName.set(name, server);
    }
  }
  // A server that no exact name is for is asked by one that its wildcard has and nobody else: the longest one wins.
  const reached = new Set([first, ...byName.values()]);
  for (const { server } of group.members.filter((member) => !reached.has(member.server))) {
    for (const name of server.names.flatMap(nameBelow)) {
      if (!byName.has(name)) byName.set(name, server);
    }
  }
  return [
    ...choiceOf(undefined, [first]),
    ...Array.from(byName).flatMap(([name, server]) => choiceOf(name, [server, first])),
  ];
}

/** `.example.org` is example.org with all that is below it. */
function exactName(written: string, hostname: string): readonly string[] {
  const text = written === '$hostname' ? hostname.toLowerCase() : written.replace(/^\./, '');
  const name = servername(text);
  return name === undefined ? [] : [name];
}

/** `*.example.org`; a wildcard at the end and a regular expression name nobody. */
function nameBelow(written: string): readonly string[] {
  const below = written.startsWith('*.')
    ? servername(`sixhub-probe${written.slice(1)}`)
    : undefined;
  return below === undefined ? [] : [below];
}

function choiceOf(name: string | undefined, servers: readonly Server[]): readonly Choice[] {
  for (const { handshake } of servers) {
    if (handshake.kind === 'shows')
      return [{ servername: name, certificates: handshake.certificates }];
    if (handshake.kind !== 'leaves') return [];
  }
  return [];
}
