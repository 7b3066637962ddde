/** Numbers of the protocol, as IANA's registry "Domain Name System Parameters" has them. */

export const rcode = {
  noError: 0,
  formErr: 1,
  servFail: 2,
  nxDomain: 3,
  notImp: 4,
  refused: 5,
  notAuth: 9,
  badVers: 16,
  badCookie: 23,
} as const;

export function rcodeName(code: number): string {
  const name = Object.entries(rcode).find(([, number]) => number === code)?.[0];
  return name?.toUpperCase() ?? `RCODE ${code}`;
}

export const opcode = { query: 0, notify: 4, update: 5 } as const;

export const dnsClass = { in: 1, none: 254, any: 255 } as const;

/** Types that zone files name; what is not here is written TYPE123 (RFC 3597). */
export const recordType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  X25: 19,
  ISDN: 20,
  RT: 21,
  KEY: 25,
  AAAA: 28,
  LOC: 29,
  SRV: 33,
  NAPTR: 35,
  KX: 36,
  CERT: 37,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  SSHFP: 44,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  NID: 104,
  L32: 105,
  L64: 106,
  LP: 107,
  EUI48: 108,
  EUI64: 109,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
  URI: 256,
  CAA: 257,
} as const;

const names = new Map<number, string>(
  Object.entries(recordType).map(([name, number]) => [number, name]),
);

export function typeName(type: number): string {
  return names.get(type) ?? `TYPE${type}`;
}

export function typeNumber(name: string): number | undefined {
  const upper = name.toUpperCase();
  for (const [known, number] of Object.entries(recordType)) if (known === upper) return number;
  const generic = /^TYPE(\d{1,5})$/.exec(upper)?.[1];
  return generic !== undefined && Number(generic) <= 0xffff ? Number(generic) : undefined;
}
