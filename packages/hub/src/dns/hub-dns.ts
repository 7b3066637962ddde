import { Route } from '@sixhub/acme-dns';
import type { Clock } from '@sixhub/base';
import type { HubConfig } from '../config/config.js';
import type { DnsName } from '../domain/dns-name.js';
import type { CaaLookup, DelegationLookup, TextLookup } from '../ports.js';
import { createCaaLookup } from './caa-lookup.js';
import { createDelegationLookup } from './delegation-lookup.js';
import { DnsClient } from './dns-client.js';
import { readResolvers, Resolvers } from './resolvers.js';
import { createTextLookup } from './text-lookup.js';

/** How the hub sees the DNS, by `[resolver]` of hub.toml. */
export interface HubDns {
  readonly resolvers: Resolvers;
  readonly route: Route;
  readonly client: DnsClient;
  readonly lookup: DelegationLookup;
  readonly caa: CaaLookup;
  readonly texts: TextLookup;
  /** Somebody vouches for this domain's delegation: it is not looked up. */
  isTrusted(domain: DnsName): boolean;
}

export function createHubDns(config: HubConfig['resolver'], clock: Clock): HubDns {
  const resolvers = new Resolvers(readResolvers(config.servers));
  const route = new Route({ resolver: resolvers, clock });
  const client = new DnsClient(resolvers, route, config.name_server_port);
  const trusted = config.trusted.map((domain) => domain.toLowerCase().replace(/\.$/, ''));
  const isTrusted = (domain: DnsName): boolean =>
    trusted.some((one) => domain === one || domain.endsWith(`.${one}`));
  return {
    ...{ resolvers, route, client, isTrusted },
    lookup: createDelegationLookup(client, isTrusted),
    caa: createCaaLookup(client, isTrusted),
    texts: createTextLookup(client),
  };
}
