import { DomainName } from './domain-name.js';

/** More labels than this fit into no name, so that pointers in a circle end, too. */
const mostJumps = 127;

/**
 * Reads what another server wrote, octet by octet. Every read beyond the end, and every name that is none, is a
 * RangeError, which `parseResponse` turns into "not whole".
 */
export class WireReader {
  private readonly bytes: Uint8Array;
  private at: number;
  private readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    if (end > bytes.length || at > end) throw new RangeError('beyond the end');
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  octets(count: number): Uint8Array {
    const end = this.at + count;
    if (end > this.end) throw new RangeError('beyond the end');
    const octets = this.bytes.subarray(this.at, end);
    this.at = end;
    return octets;
  }

  rest(): Uint8Array {
    return this.octets(this.left);
  }

  u8(): number {
    return this.octets(1)[0] ?? 0;
  }

  u16(): number {
    const [high = 0, low = 0] = this.octets(2);
    return (high << 8) | low;
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16();
  }

  /** A reader of the next octets alone, whose names may still point back into the whole message. */
  part(length: number): WireReader {
    const part = new WireReader(this.bytes, this.at, this.at + length);
    this.at += length;
    return part;
  }

  /** RFC 1035 §4.1.4; what a pointer leads to may lie outside a `part`. */
  name(): DomainName {
    const wire: number[] = [];
    let at = this.at;
    let end = this.end;
    for (let jumps = 0; jumps <= mostJumps;) {
      const size = this.bytes[at] ?? 0;
      const next = at + (size >= 0xc0 ? 2 : size + 1);
      if (at >= end || next > end) throw new RangeError('beyond the end');
      if (jumps === 0) this.at = next;
      if (size >= 0xc0) {
        at = ((size & 0x3f) << 8) | (this.bytes[at + 1] ?? 0);
        end = this.bytes.length;
        jumps++;
        continue;
      }
      if (size > 63) throw new RangeError('a label of a kind that nobody uses');
      wire.push(...this.bytes.subarray(at, next));
      if (wire.length > 255) throw new RangeError('a name too long');
      if (size === 0) return DomainName.ofWire(Uint8Array.from(wire));
      at = next;
    }
    throw new RangeError('a circle of pointers');
  }
}
