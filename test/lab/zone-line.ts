/** A record as people write it: `_acme-challenge.example.org CNAME id.acme-dns.example.net`, TTL and IN as you like. */
export interface ZoneLine {
  /** Lower case, with the final dot. */
  readonly owner: string;
  readonly type: string;
  readonly rdata: string;
}

/** Types whose last word is a name, which in the lab is always a whole one. */
const pointing = new Set(['CNAME', 'NS', 'DNAME', 'MX', 'PTR']);

export function parseZoneLine(text: string): ZoneLine {
  const match = /^(\S+)\s+(?:(?:\d+|IN)\s+)*([A-Z]+)\s+(.+?)\s*$/.exec(text.trim());
  const [, owner, type, rdata] = match ?? [];
  if (owner === undefined || type === undefined || rdata === undefined) {
    throw new Error(`not a record: ${text}`);
  }
  return {
    owner: absolute(owner.toLowerCase()),
    type,
    rdata: pointing.has(type) ? absolute(rdata) : rdata,
  };
}

export function formatZoneLine(line: ZoneLine): string {
  return `${line.owner} 60 IN ${line.type} ${line.rdata}`;
}

export function isWithin(owner: string, zone: string): boolean {
  return owner === absolute(zone) || owner.endsWith(`.${absolute(zone)}`);
}

export function absolute(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}
