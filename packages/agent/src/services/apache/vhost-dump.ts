import { ipAddress, portNumber, splitHostPort } from '../ip-address.js';

/** A server as `-D DUMP_VHOSTS` lists it under an address. */
export interface ListedServer {
  /** `file:line` of its <VirtualHost>, which names it in the configuration's dump too. */
  readonly where: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly wildcards: readonly string[];
}

/** The servers of one address, in the order in which names are compared; the first is shown without a name. */
export interface ServerGroup {
  /** Undefined: whatever address has no group of its own. */
  readonly host: string | undefined;
  /** Undefined: any port. */
  readonly port: number | undefined;
  /** With one server nothing is compared: it answers for every name, and its aliases are not listed. */
  readonly named: boolean;
  readonly servers: readonly ListedServer[];
}

interface GrowingServer extends ListedServer {
  readonly aliases: string[];
  readonly wildcards: string[];
}

interface GrowingGroup extends ServerGroup {
  readonly servers: GrowingServer[];
}

/**
 * The groups in Apache's own order of search: those of an address before those of any
 * (https://httpd.apache.org/docs/2.4/vhosts/details.html).
 */
export function parseVhostDump(lines: readonly string[]): readonly ServerGroup[] {
  const groups: GrowingGroup[] = [];
  for (const line of lines) {
    const listed = /^ +port \S+ namevhost (\S+) \((.+)\)$/.exec(line);
    const alias = /^ +(wild )?alias (\S+)$/.exec(line);
    if (listed !== null) groups.at(-1)?.servers.push(serverOf(listed[1], listed[2]));
    else if (alias !== null) addAlias(groups.at(-1)?.servers.at(-1), alias[2], alias[1]);
    else if (/^\S+:\S+ /.test(line)) {
      const group = groupOf(line);
      if (group !== undefined) groups.push(group);
    }
  }
  return groups;
}

function groupOf(line: string): GrowingGroup | undefined {
  const [address = ''] = line.split(' ', 1);
  const place = splitHostPort(address);
  if (place === undefined) return undefined;
  const rest = line.slice(address.length).trim();
  const named = rest === 'is a NameVirtualHost';
  const alone = named ? null : /^(\S+) \((.+)\)$/.exec(rest);
  if (!named && alone === null) return undefined;
  return {
    host: place.host === '*' ? undefined : (ipAddress(place.host) ?? place.host),
    port: portNumber(place.port),
    named,
    servers: alone === null ? [] : [serverOf(alone[1], alone[2])],
  };
}

function serverOf(name = '', where = ''): GrowingServer {
  return { where, name, aliases: [], wildcards: [] };
}

function addAlias(server: GrowingServer | undefined, alias = '', wild?: string): void {
  (wild === undefined ? server?.aliases : server?.wildcards)?.push(alias);
}
