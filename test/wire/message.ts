/** DNS messages for tests, taken apart for comparing: on its own, so that no fault of the server's parser hides here. */

/** A message in words: header, question and records, sorted, without what is each server's own (payload, options). */
export function describe(bytes: Buffer): string {
  if (bytes.length < 12) return `${bytes.length} octets`;
  const flags = bytes.readUInt16BE(2);
  const names = { aa: 10, tc: 9, rd: 8, ra: 7, z: 6, ad: 5, cd: 4 };
  const set = Object.entries(names).flatMap(([name, bit]) => ((flags >> bit) & 1 ? [name] : []));
  const reader = new Reader(bytes);
  const question = Array.from({ length: bytes.readUInt16BE(4) }, () => reader.question());
  const sections = ['an', 'ns', 'ar'].flatMap((section, index) =>
    Array.from(
      { length: bytes.readUInt16BE(6 + 2 * index) },
      () => `${section} ${reader.record()}`,
    ),
  );
  const opt = sections.find((line) => line.startsWith('ar OPT')) ?? '';
  const high = Number(/high=(\d+)/.exec(opt)?.[1] ?? 0);
  const rcode = (high << 4) | (flags & 15);
  const head = [`op${(flags >> 11) & 15}`, `rcode${rcode}`, ...set].join(' ');
  return [head, ...question, ...sections.toSorted()].join(' | ');
}

const nameTypes = new Map([
  [2, 1],
  [5, 1],
  [6, 2],
]);

class Reader {
  private readonly bytes: Buffer;
  private at = 12;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  question(): string {
    return `${this.name()} ${this.u16()} ${this.u16()}`;
  }

  record(): string {
    const owner = this.name();
    const type = this.u16();
    const group = this.u16();
    const ttl = this.bytes.readUInt32BE(this.at);
    this.at += 4;
    const end = this.u16() + this.at;
    if (type === 41) {
      this.at = end;
      const [high, version, low] = [ttl >>> 24, (ttl >> 16) & 255, ttl & 0xffff];
      return `OPT high=${high} version=${version} flags=${low.toString(16)}`;
    }
    const parts: string[] = [];
    for (let count = nameTypes.get(type) ?? 0; count > 0; count--)
      parts.push(this.name().toLowerCase());
    parts.push(this.bytes.toString('hex', this.at, end));
    this.at = end;
    return `${owner.toLowerCase()} ${ttl} ${group} ${type} ${parts.join(' ').trim()}`;
  }

  private u16(): number {
    this.at += 2;
    return this.bytes.readUInt16BE(this.at - 2);
  }

  private name(): string {
    const labels: string[] = [];
    let at = this.at;
    let end: number | undefined;
    for (let size = this.bytes.readUInt8(at); size !== 0; size = this.bytes.readUInt8(at)) {
      if (size >= 0xc0) {
        end ??= at + 2;
        at = this.bytes.readUInt16BE(at) & 0x3fff;
      } else {
        labels.push(this.bytes.toString('latin1', at + 1, at + 1 + size));
        at += size + 1;
      }
    }
    this.at = end ?? at + 1;
    return `${labels.join('.')}.`;
  }
}
