import { recordType } from './codes.js';
import { DomainName } from './domain-name.js';

/** One record of an answer, as far as a check reads it. */
export interface ReceivedRecord {
  /** In lower case, without its final dot. */
  readonly owner: string;
  readonly type: number;
  /** An address, a name in lower case, or `tag value` of CAA; empty for other types. */
  readonly data: string;
}

export interface Response {
  readonly rcode: number;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly edns: boolean;
  readonly answer: readonly ReceivedRecord[];
  readonly authority: readonly ReceivedRecord[];
  readonly additional: readonly ReceivedRecord[];
}

/** Takes an answer of another server apart; undefined where it is not whole. */
export function parseResponse(bytes: Uint8Array): Response | undefined {
  try {
    return read(new Reader(bytes));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function read(reader: Reader): Response {
  reader.at = 2;
  const flags = reader.u16();
  const [questions, answers, authorities, additionals] = [1, 2, 3, 4].map(() => reader.u16());
  for (let index = 0; index < (questions ?? 0); index++) {
    reader.name();
    reader.at += 4;
  }
  const section = (count = 0): ReceivedRecord[] =>
    Array.from({ length: count }, () => readRecord(reader));
  const answer = section(answers);
  const authority = section(authorities);
  const additional = section(additionals);
  return {
    rcode: flags & 0xf,
    authoritative: (flags & 0x400) !== 0,
    truncated: (flags & 0x200) !== 0,
    edns: additional.some(({ type }) => type === recordType.OPT),
    answer,
    authority,
    additional,
  };
}

function readRecord(reader: Reader): ReceivedRecord {
  const owner = reader.name();
  const type = reader.u16();
  reader.at += 6;
  const end = reader.u16() + reader.at;
  const data = readData(reader, type, end);
  reader.at = end;
  return { owner, type, data };
}

function readData(reader: Reader, type: number, end: number): string {
  switch (type) {
    case recordType.A:
      return [...reader.octets(4)].join('.');
    case recordType.AAAA:
      return ipv6Text(reader.octets(16));
    case recordType.NS:
    case recordType.CNAME:
    case recordType.SOA:
      return reader.name();
    case recordType.CAA: {
      reader.at++;
      const tag = text(reader.octets(reader.octets(1)[0] ?? 0));
      return `${tag} ${text(reader.octets(end - reader.at))}`;
    }
    default:
      return '';
  }
}

function text(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** RFC 5952: lower case, the first longest run of zero groups as `::`. */
export function ipv6Text(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  const runs = [
    ...groups
      .map((group) => (group === '0' ? 'z' : 'x'))
      .join('')
      .matchAll(/z{2,}/g),
  ];
  const longest = runs.sort((left, right) => right[0].length - left[0].length)[0];
  if (longest === undefined) return groups.join(':');
  const after = longest.index + longest[0].length;
  return `${groups.slice(0, longest.index).join(':')}::${groups.slice(after).join(':')}`;
}

/** Every read beyond the end is a RangeError, which `parseResponse` turns into "not whole". */
class Reader {
  at = 0;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  octets(count: number): Uint8Array {
    const end = this.at + count;
    if (count < 0 || end > this.bytes.length) throw new RangeError('beyond the end');
    const octets = this.bytes.subarray(this.at, end);
    this.at = end;
    return octets;
  }

  u16(): number {
    const [high = 0, low = 0] = this.octets(2);
    return (high << 8) | low;
  }

  name(): string {
    const wire: number[] = [];
    let after: number | undefined;
    for (let jumps = 0; jumps < 64;) {
      const size = this.octets(1)[0] ?? 0;
      if (size >= 0xc0) {
        const target = ((size & 0x3f) << 8) | (this.octets(1)[0] ?? 0);
        after ??= this.at;
        this.at = target;
        jumps++;
      } else if (size === 0 || size > 63) {
        this.at = after ?? this.at;
        const name = DomainName.ofWire(Uint8Array.of(...wire, 0)).toString();
        return name.toLowerCase().replace(/\.$/, '');
      } else wire.push(size, ...this.octets(size));
    }
    throw new RangeError('a circle of pointers');
  }
}
