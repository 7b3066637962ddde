import { recordType, typeName, typeNumber } from './codes.js';
import { DomainName } from './domain-name.js';
import { location } from './location.js';
import { field, type Field, type FieldContext, type RdataPart } from './rdata-field.js';
import { splitWords, type Word } from './zone-file-words.js';

/** One resource record of the zone. */
export interface ZoneRecord {
  readonly owner: DomainName;
  readonly type: number;
  readonly ttl: number;
  readonly rdata: readonly RdataPart[];
}

/** Why a line is no record, in words that complete "records line 3: …". */
export interface BadRecord {
  readonly reason: string;
}

/** The Go program's, when a line names none. */
const defaultTtl = 3_600;

const { u8, u16, u32, name, plainName, string } = field;

/** The data of each type, field by field, as its RFC lists them. */
const layouts: Readonly<Partial<Record<keyof typeof recordType, readonly Field[]>>> = {
  A: [field.ipv4],
  AAAA: [field.ipv6],
  NS: [name],
  CNAME: [name],
  PTR: [name],
  HINFO: [string, string],
  MX: [u16, name],
  TXT: [field.strings],
  SPF: [field.strings],
  RP: [plainName, plainName],
  AFSDB: [u16, plainName],
  X25: [string],
  ISDN: [field.strings],
  RT: [u16, plainName],
  KX: [u16, plainName],
  LOC: [location],
  SRV: [u16, u16, u16, plainName],
  NAPTR: [u16, u16, string, string, string, plainName],
  CERT: [u16, u16, u8, field.base64],
  DS: [u16, u8, u8, field.hexadecimal],
  SSHFP: [u8, u8, field.hexadecimal],
  DNSKEY: [u16, u8, u8, field.base64],
  TLSA: [u8, u8, u8, field.hexadecimal],
  SMIMEA: [u8, u8, u8, field.hexadecimal],
  CDS: [u16, u8, u8, field.hexadecimal],
  CDNSKEY: [u16, u8, u8, field.base64],
  OPENPGPKEY: [field.base64],
  CSYNC: [u32, u16, field.typeBitmap],
  SVCB: [u16, plainName, field.serviceParameters],
  HTTPS: [u16, plainName, field.serviceParameters],
  NID: [u16, field.locator64],
  L32: [u16, field.ipv4],
  L64: [u16, field.locator64],
  LP: [u16, plainName],
  EUI48: [field.eui48],
  EUI64: [field.eui64],
  URI: [u16, u16, field.remainder],
  CAA: [u8, string, field.remainder],
};

const layoutOf = new Map(Object.entries(layouts).map(([known, of]) => [typeNumber(known), of]));

/** Parses `owner [ttl] [class] type data`, time to live and class in either order (RFC 1035 §5.1). */
export function parseRecord(line: string, zone: DomainName): ZoneRecord | BadRecord {
  const words = [...(splitWords(line) ?? [])];
  if (words.length === 0) return { reason: 'is empty, or a quote or parenthesis is left open' };
  const context = { origin: zone };
  const owner = name([words.shift() ?? noWord], context);
  if (!(owner instanceof DomainName)) return { reason: 'does not begin with a domain name' };
  const ttl = takeTtlAndClass(words);
  if (typeof ttl !== 'number') return ttl;
  const typeWord = words.shift()?.text ?? '';
  const type = typeNumber(typeWord);
  if (type === undefined) return { reason: `'${typeWord}' is no record type` };
  const refused = notStatic(type);
  if (refused !== undefined) return { reason: refused };
  const rdata =
    words[0]?.text === '\\#' ? genericData(words, context) : typedData(type, words, context);
  if (rdata === undefined || words.length > 0)
    return { reason: `the data does not fit type ${typeName(type)}` };
  const length = rdata.reduce((sum, part) => sum + octets(part).length, 0);
  if (length > 16_384) return { reason: 'the data is longer than 16384 octets' };
  return { owner, type, ttl, rdata };
}

export function octets(part: RdataPart): Uint8Array {
  return part instanceof DomainName ? part.wire : part;
}

const noWord: Word = { text: '', quoted: false };

function takeTtlAndClass(words: Word[]): number | BadRecord {
  let ttl: number | undefined;
  for (let count = 0; count < 2; count++) {
    const text = words[0]?.text ?? '';
    const seconds = ttl === undefined ? timeToLive(text) : undefined;
    if (seconds !== undefined) ttl = seconds;
    else if (/^(CH|HS|CS|CLASS\d+)$/i.test(text))
      return { reason: `class ${text} is not served; only IN is` };
    else if (text.toUpperCase() !== 'IN') break;
    words.shift();
  }
  return ttl ?? defaultTtl;
}

/** Seconds, or BIND's `1h30m`; at most 2^31 - 1 (RFC 2181 §8). */
function timeToLive(text: string): number | undefined {
  if (!/^(\d+|(\d+[smhdw])+)$/i.test(text)) return undefined;
  const unit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
  const parts = [...text.toLowerCase().matchAll(/(\d+)([smhdw]?)/g)];
  const total = parts.reduce((sum, part) => sum + Number(part[1]) * (unit[part[2] ?? ''] ?? 1), 0);
  return total < 2 ** 31 ? total : undefined;
}

function notStatic(type: number): string | undefined {
  if (type === recordType.SOA)
    return 'the SOA record is made from nsname and nsadmin, leave it out';
  if (type === recordType.DNAME) return 'DNAME is not served, write a CNAME for each name';
  const meta = type === 0 || type === recordType.OPT || (type >= 128 && type <= 255);
  return meta ? `${typeName(type)} is no type that a zone holds` : undefined;
}

function typedData(
  type: number,
  words: Word[],
  context: FieldContext,
): readonly RdataPart[] | undefined {
  const layout = layoutOf.get(type);
  if (layout === undefined) return undefined;
  const parts: RdataPart[] = [];
  for (const read of layout) {
    const part = read(words, context);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return parts;
}

/** `\# length hexadecimal` (RFC 3597 §5), for any type. */
function genericData(words: Word[], context: FieldContext): readonly RdataPart[] | undefined {
  words.shift();
  const length = Number(words.shift()?.text);
  const data = words.length === 0 ? new Uint8Array() : field.hexadecimal(words, context);
  return data instanceof Uint8Array && data.length === length ? [data] : undefined;
}
