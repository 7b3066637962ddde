import { checkZone, type ListenAddress, type Route } from '@sixhub/acme-dns';
import type { Resolvers } from '../dns/resolvers.js';
import { doubtful, ok, type Finding } from '@sixhub/base/finding';
import { answersIpv6Alone } from '../domain/ipv6-only.js';
import type { OwnZone } from '../domain/own-zone.js';
import { asFinding } from './zone-finding.js';

export interface ZoneContext {
  readonly zone: OwnZone;
  /** Where its server listens on this machine. */
  readonly listen: readonly ListenAddress[];
  readonly resolvers: Resolvers;
  readonly route: Pick<Route, 'to' | 'genuine'>;
  readonly port: number;
  /** Directories of the authorities. */
  readonly directories: readonly string[];
}

const settings = {
  domain: 'domain in [acme_dns] of hub.toml',
  nameServer: 'name_server in [acme_dns] of hub.toml',
  records: 'records in [acme_dns] of hub.toml',
};

/** Whether the world is led to this server: delegation, glue, and an answer at each address over UDP and TCP. */
export async function examineZone(context: ZoneContext): Promise<readonly Finding[]> {
  const { zone, listen, resolvers, route, port } = context;
  const { domain, nameServer } = zone;
  const found = await checkZone({
    ...{ domain, nameServer, listen, route, port, settings },
    resolver: resolvers,
  });
  return [...found.map(asFinding), ...ipv6Alone(context)];
}

function ipv6Alone({ zone, directories }: ZoneContext): readonly Finding[] {
  const { addresses, nameServer } = zone;
  if (addresses.length === 0 || addresses.some((address) => !address.includes(':'))) return [];
  return directories.map((directory) => {
    const { host } = new URL(directory);
    return answersIpv6Alone(host)
      ? ok(`${nameServer} has IPv6 alone, which ${host} can ask`)
      : doubtful(
          `${nameServer} has IPv6 alone; whether ${host} can ask such a name server is not known`,
          `If it says that the challenge can't be looked up, give ${nameServer} an IPv4 address too: a relay of port 53, UDP and TCP, from the host's IPv4 address to this machine will do.`,
        );
  });
}
