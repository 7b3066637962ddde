import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Daemon } from './daemon.js';
import type { Lab } from './lab.js';
import type { Stub } from './resolver.js';
import type { Seat } from './seat.js';
import { startUnbound } from './unbound.js';
import { absolute, formatZoneLine, isWithin, parseZoneLine, type ZoneLine } from './zone-line.js';

export interface NameServer extends Daemon {
  readonly address: string;
  /** For the resolver: each zone, answered here. */
  readonly stubs: readonly Stub[];
  /** As an administrator would at their registrar; answered when it resolves. */
  addRecord(record: string): Promise<void>;
  /** Many at once, by one reload. */
  addRecords(records: readonly string[]): Promise<void>;
  /** Every record of this owner, or those of one type. */
  removeRecords(owner: string, type?: string): Promise<void>;
}

/** The customer's own name server: authoritative for their domains, apart from the resolver and from the hub. */
export async function startNameServer(
  lab: Lab,
  domains: readonly string[],
  seat?: Seat,
): Promise<NameServer> {
  const zones = new Map(domains.map((domain): [string, ZoneLine[]] => [domain, []]));
  let serial = 0;
  const write = (place: string, address: string, domain: string): Promise<void> => {
    serial += 1;
    const text = renderZone(domain, address, serial, zones.get(domain) ?? []);
    return writeFile(zoneFile(place, domain), text);
  };
  const settings = async (place: string, own: string): Promise<string> => {
    for (const domain of domains) await write(place, own, domain);
    return domains.map((domain) => renderSettings(place, domain)).join('\n');
  };
  const unbound = await startUnbound(lab, 'name-server', settings, seat);
  const { address, endpoint } = unbound;
  const reload = async (domain: string): Promise<void> => {
    await write(unbound.place, address, domain);
    await unbound.control('auth_zone_reload', domain);
  };
  const add = (record: string): string => {
    const line = parseZoneLine(record);
    const domain = zoneOf(line.owner);
    zones.get(domain)?.push(line);
    return domain;
  };
  const zoneOf = (owner: string): string => {
    // The deepest: one of the domains may lie below another.
    const found = domains
      .filter((domain) => isWithin(owner, domain))
      .toSorted((left, right) => right.length - left.length)[0];
    if (found === undefined) throw new Error(`${owner} is in no zone here: ${domains.join(', ')}`);
    return found;
  };
  return {
    ...unbound.daemon,
    address,
    stubs: domains.map((zone) => ({ zone, at: [endpoint] })),
    async addRecord(record) {
      await reload(add(record));
    },
    async addRecords(records) {
      for (const domain of new Set(records.map(add))) await write(unbound.place, address, domain);
      await unbound.control('reload');
    },
    async removeRecords(owner, type) {
      const name = absolute(owner.toLowerCase());
      const domain = zoneOf(name);
      const kept = (zones.get(domain) ?? []).filter(
        (line) => line.owner !== name || (type !== undefined && line.type !== type),
      );
      zones.set(domain, kept);
      await reload(domain);
    },
  };
}

function renderSettings(place: string, domain: string): string {
  return `server:
  local-zone: "${domain}" transparent
auth-zone:
  name: "${domain}"
  zonefile: "${zoneFile(place, domain)}"
  for-downstream: yes
  for-upstream: no
  fallback-enabled: no`;
}

function zoneFile(place: string, domain: string): string {
  return join(place, `${domain}.zone`);
}

function renderZone(
  domain: string,
  address: string,
  serial: number,
  lines: readonly ZoneLine[],
): string {
  const zone = absolute(domain);
  return [
    `${zone} 60 IN SOA ns1.${zone} hostmaster.${zone} ${serial} 3600 600 86400 1`,
    `${zone} 60 IN NS ns1.${zone}`,
    `ns1.${zone} 60 IN ${address.includes(':') ? 'AAAA' : 'A'} ${address}`,
    `${zone} 60 IN A 192.0.2.80`,
    ...lines.map(formatZoneLine),
    '',
  ].join('\n');
}
