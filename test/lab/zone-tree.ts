import { startKnotZone, type Knot } from './knot.js';
import type { Lab } from './lab.js';
import { ports } from './ports.js';
import type { Stub } from './resolver.js';
import { absolute, formatZoneLine, parseZoneLine } from './zone-line.js';

/** One authoritative server of one zone, a process of its own: it can lag behind, lie, and die alone. */
export interface ZoneServer extends Knot {
  /** As NS records have it, without the final dot. */
  readonly name: string;
  readonly address: string;
}

/** A zone above that delegates one below it, each at name servers of its own. */
export interface ZoneTree {
  readonly domain: string;
  readonly above: string;
  readonly parent: ZoneServer;
  /** ns1.DOMAIN, ns2.DOMAIN … */
  readonly servers: readonly ZoneServer[];
  /** For `startResolver`. */
  readonly stubs: readonly Stub[];
  /** The file of the domain's zone with these records beside its SOA, its NS and their addresses. */
  zoneText(records?: readonly string[]): string;
  /** The same of the zone above: these records instead of the delegation's NS and glue where it has any, and `more`. */
  parentText(more?: readonly string[], delegation?: readonly string[]): string;
}

export interface TreeOptions {
  readonly domain: string;
  /** Of the domain; two unless said. */
  readonly servers?: number;
  /** Of the domain's zone. */
  readonly records?: readonly string[];
}

/** `example.org` delegated by `org`; nothing is signed until a test serves signed text. */
export async function startZoneTree(lab: Lab, options: TreeOptions): Promise<ZoneTree> {
  const { domain, records = [] } = options;
  const above = domain.slice(domain.indexOf('.') + 1);
  const places = Array.from({ length: options.servers ?? 2 }, (_, index) => ({
    name: `ns${index + 1}.${domain}`,
    address: lab.address(),
  }));
  const top = { name: `ns.${above}`, address: lab.address() };
  const delegation = places.flatMap((place) => nameServerLines(domain, place));
  let serial = 0;
  const text = (zone: string, own: readonly Place[], lines: readonly string[]): string => {
    serial += 1;
    return render(zone, serial, [
      ...own.flatMap((place) => nameServerLines(zone, place)),
      ...lines,
    ]);
  };
  const zoneText: ZoneTree['zoneText'] = (lines = []) => text(domain, places, lines);
  const parentText: ZoneTree['parentText'] = (more = [], instead = delegation) =>
    text(above, [top], [...instead, ...more]);
  const start = async (zone: string, place: Place, file: string): Promise<ZoneServer> => {
    const { address } = place;
    const knot = await startKnotZone(lab, { zone, text: file, address, port: ports.dns });
    return { ...knot, ...place };
  };
  const parent = await start(above, top, parentText());
  const file = zoneText(records);
  const servers = await Promise.all(places.map((place) => start(domain, place, file)));
  const stub = (zone: string, at: readonly Place[]): Stub => ({
    zone,
    at: at.map(({ address }) => `${address}:${ports.dns}`),
  });
  const stubs = [stub(above, [top]), stub(domain, places)];
  return { domain, above, parent, servers, stubs, zoneText, parentText };
}

interface Place {
  readonly name: string;
  readonly address: string;
}

function nameServerLines(zone: string, { name, address }: Place): readonly string[] {
  return [`${zone} NS ${name}`, `${name} A ${address}`];
}

function render(zone: string, serial: number, records: readonly string[]): string {
  const top = absolute(zone);
  return [
    `${top} 60 IN SOA ns.${top} hostmaster.${top} ${serial} 3600 600 86400 60`,
    ...records.map((record) => formatZoneLine(parseZoneLine(record))),
    '',
  ].join('\n');
}
