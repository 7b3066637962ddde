import { randomBytes } from 'node:crypto';
import { getServers, promises as dns } from 'node:dns';
import { errorText, systemCode } from '@sixhub/base';
import type { Seen, Sighting, Sightings } from '../domain/delegation.js';
import type { DnsName } from '../domain/dns-name.js';
import type { DelegationLookup } from '../ports.js';

export interface LookupOptions {
  /** `address` or `address:port`, `[v6]:port`; empty: the system's. */
  readonly servers: readonly string[];
  /** Where name servers listen; 53 everywhere but in a laboratory. */
  readonly nameServerPort: number;
}

const query = { timeout: 2_000, tries: 2 } as const;
/** A domain has rarely more; each is asked once. */
const mostNameServers = 8;

export function createDelegationLookup(options: LookupOptions): DelegationLookup {
  const resolver = new dns.Resolver(query);
  resolver.setServers(options.servers.length > 0 ? [...options.servers] : getServers());
  return {
    async look(domain, signal) {
      const name = `_acme-challenge.${domain}`;
      const cancel = (): void => resolver.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      try {
        const [byResolver, nameServers] = await Promise.all([
          lookCname(resolver, name),
          askNameServers(resolver, domain, name, options.nameServerPort),
        ]);
        const found = [byResolver, ...nameServers.map(({ saw }) => saw)].some(
          (saw) => saw.kind === 'cname',
        );
        return {
          resolver: byResolver,
          nameServers,
          wildcard: found ? await lookWildcard(resolver, domain) : undefined,
        };
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
  };
}

async function lookCname(resolver: dns.Resolver, name: string): Promise<Seen> {
  try {
    const [target] = await resolver.resolveCname(name);
    return target === undefined ? { kind: 'nothing' } : { kind: 'cname', target };
  } catch (error) {
    const code = systemCode(error);
    // ENODATA: the name is there without a CNAME; ENOTFOUND: NXDOMAIN.
    if (code === 'ENODATA' || code === 'ENOTFOUND') return { kind: 'nothing' };
    return { kind: 'untested', reason: `${code ?? errorText(error)} for ${name}` };
  }
}

/** A name that nobody made: an answer for it comes from a wildcard. */
async function lookWildcard(resolver: dns.Resolver, domain: DnsName): Promise<string | undefined> {
  const seen = await lookCname(resolver, `_sixhub-${randomBytes(6).toString('hex')}.${domain}`);
  return seen.kind === 'cname' ? seen.target : undefined;
}

async function askNameServers(
  resolver: dns.Resolver,
  domain: DnsName,
  name: string,
  port: number,
): Promise<Sightings['nameServers']> {
  const hosts = (await nameServersOf(resolver, domain)).slice(0, mostNameServers);
  const asked = await Promise.all(
    hosts.map(async (host): Promise<Sighting> => {
      const addresses = await addressesOf(resolver, host);
      if (addresses.length === 0) {
        return { by: host, saw: { kind: 'untested', reason: `${host} has no address` } };
      }
      const direct = new dns.Resolver(query);
      direct.setServers(addresses.map((address) => withPort(address, port)));
      return { by: host, saw: await lookCname(direct, name) };
    }),
  );
  return asked;
}

/** RFC 1034 §4.2.1: the NS records of the closest enclosing zone. */
async function nameServersOf(resolver: dns.Resolver, domain: string): Promise<readonly string[]> {
  for (let zone = domain; zone.includes('.'); zone = zone.slice(zone.indexOf('.') + 1)) {
    try {
      const hosts = await resolver.resolveNs(zone);
      if (hosts.length > 0) return hosts.toSorted();
    } catch {
      continue; // no zone cut here, or not answered: the parent may tell
    }
  }
  return [];
}

/** IPv6 first: the hub's machine may have nothing else. */
async function addressesOf(resolver: dns.Resolver, host: string): Promise<readonly string[]> {
  const [six, four] = await Promise.allSettled([resolver.resolve6(host), resolver.resolve4(host)]);
  return [six, four].flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

function withPort(address: string, port: number): string {
  if (port === 53) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
