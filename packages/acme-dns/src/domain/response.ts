import { recordType } from './codes.js';
import type { DomainName } from './domain-name.js';
import { dataWithNames } from './rdata-names.js';
import { fieldsText, plainText, readFields, type RecordFields } from './record-fields.js';
import { WireReader } from './wire-reader.js';

/** One record of an answer. */
export interface ReceivedRecord {
  /** In lower case, without its final dot. */
  readonly owner: string;
  /** The owner as it came. */
  readonly name: DomainName;
  readonly type: number;
  readonly ttl: number;
  /** As it came, but for names, which are without pointers here. */
  readonly rdata: Uint8Array;
  readonly fields: RecordFields;
  /**
   * The fields in one line: an address, a name in lower case (of SOA the first), the strings of TXT joined, `tag value`
   * of CAA; empty for other types.
   */
  readonly data: string;
}

/** The flags of RFC 1035 §4.1.1 and RFC 4035 §3 under the names that their meaning has. */
export interface Response {
  /** With the upper bits of EDNS (RFC 6891 §6.1.3). */
  readonly rcode: number;
  /** AA */
  readonly authoritative: boolean;
  /** TC */
  readonly truncated: boolean;
  /** RA */
  readonly recursionAvailable: boolean;
  /** AD: a resolver says that it validated this. */
  readonly authenticated: boolean;
  /** CD, which a resolver copies from the question. */
  readonly checkingDisabled: boolean;
  readonly edns: boolean;
  readonly answer: readonly ReceivedRecord[];
  readonly authority: readonly ReceivedRecord[];
  readonly additional: readonly ReceivedRecord[];
}

/** Takes an answer of another server apart; undefined where it is not whole. */
export function parseResponse(bytes: Uint8Array): Response | undefined {
  try {
    return read(new WireReader(bytes));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function read(reader: WireReader): Response {
  reader.octets(2); // the number that question and answer share
  const flags = reader.u16();
  const [questions, answers, authorities, additionals] = [1, 2, 3, 4].map(() => reader.u16());
  for (let index = 0; index < (questions ?? 0); index++) {
    reader.name();
    reader.octets(4);
  }
  const section = (count = 0): ReceivedRecord[] =>
    Array.from({ length: count }, () => readRecord(reader));
  const answer = section(answers);
  const authority = section(authorities);
  const additional = section(additionals);
  const opt = additional.find(({ type }) => type === recordType.OPT);
  return {
    rcode: ((opt?.ttl ?? 0) >>> 24) * 16 + (flags & 0xf),
    authoritative: (flags & 0x400) !== 0,
    truncated: (flags & 0x200) !== 0,
    recursionAvailable: (flags & 0x80) !== 0,
    authenticated: (flags & 0x20) !== 0,
    checkingDisabled: (flags & 0x10) !== 0,
    edns: opt !== undefined,
    answer,
    authority,
    additional,
  };
}

function readRecord(reader: WireReader): ReceivedRecord {
  const name = reader.name();
  const type = reader.u16();
  reader.octets(2); // the class, which is that of the question; in OPT a size
  const ttl = reader.u32();
  const rdata = dataWithNames(reader.part(reader.u16()), type, ({ wire }) => wire);
  const fields = readFields(type, rdata);
  return { owner: plainText(name), name, type, ttl, rdata, fields, data: fieldsText(fields) };
}
