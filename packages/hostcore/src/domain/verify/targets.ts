import type { Host } from '../host.js';
import { parseAddress, type IpAddress } from '../ip-address.js';
import { contains } from '../ip-network.js';

/** Whom the probe asks for and connects to. */
export interface Targets {
  readonly ipv4: Endpoint;
  readonly ipv6: Endpoint;
  /** A name that has IPv4 alone, and one that has IPv6. */
  readonly ipv4Name: string;
  readonly ipv6Name: string;
}

export interface Endpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/**
 * The provider's own resolvers, where host.toml names some: near, and meant for this host. Otherwise a root server: it must
 * answer TCP on port 53 for everybody (RFC 7720 §2, RFC 7766), and its addresses last for decades. The names are of the
 * same kind: ipv4only.arpa has no AAAA record by definition (RFC 7050), a root server's has.
 */
export function usualTargets({ resolvers, dns64, ipv6 }: Host): Targets {
  const known = [...resolvers, ...(dns64?.forwarders ?? [])];
  const own = (family: 4 | 6): IpAddress | undefined =>
    known.find((one) => one.family === family && !contains(ipv6.network, one));
  return {
    ipv4: { address: own(4) ?? rootServer[4], port: 53 },
    ipv6: { address: own(6) ?? rootServer[6], port: 53 },
    ipv4Name: 'ipv4only.arpa',
    ipv6Name: 'a.root-servers.net',
  };
}

/** a.root-servers.net: 198.41.0.4 and 2001:503:ba3e::2:30. */
const rootServer = {
  4: { family: 4, bits: 0xc6290004n },
  6: { family: 6, bits: 0x20010503ba3e00000000000000020030n },
} as const;

/** `192.0.2.1:443`, `[2001:db8::1]:443`. */
export function parseEndpoint(text: string, family: 4 | 6): Endpoint | undefined {
  const split = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  const address = parseAddress(split?.[1] ?? split?.[2] ?? '');
  const port = Number(split?.[3]);
  if (address?.family !== family || !(port >= 1 && port <= 65_535)) return undefined;
  return { address, port };
}
