import { clientAddress, parseAddress } from './ip-address.js';

/** An address range in CIDR notation. */
export class Network {
  /** As written, since clients get it back so. */
  readonly text: string;
  private readonly bytes: Uint8Array;
  private readonly bits: number;

  private constructor(text: string, bytes: Uint8Array, bits: number) {
    this.text = text;
    this.bytes = bytes;
    this.bits = bits;
  }

  /** `192.0.2.0/24`, `2001:db8::/32`; brackets around the address are allowed, a bare address is not. */
  static parse(text: string): Network | undefined {
    const match = /^\[?([^\]/]+)\]?\/(\d{1,3})\]?$/.exec(text);
    const bytes = parseAddress(match?.[1] ?? '');
    const bits = Number(match?.[2]);
    if (bytes === undefined || !(bits <= bytes.length * 8)) return undefined;
    return new Network(text.replaceAll(/[[\]]/g, ''), bytes, bits);
  }

  /** As `parse`, and a bare address is a network of one. */
  static parseLoose(text: string): Network | undefined {
    if (text.includes('/')) return Network.parse(text);
    const bytes = parseAddress(text.replaceAll(/[[\]]/g, ''));
    return bytes === undefined ? undefined : new Network(text, bytes, bytes.length * 8);
  }

  contains(address: string): boolean {
    const bytes = clientAddress(address);
    return bytes !== undefined && this.containsBytes(bytes);
  }

  containsBytes(bytes: Uint8Array): boolean {
    if (bytes.length !== this.bytes.length) return false;
    const whole = this.bits >> 3;
    for (let at = 0; at < whole; at++) if (bytes[at] !== this.bytes[at]) return false;
    const rest = this.bits & 7;
    if (rest === 0) return true;
    return ((bytes[whole] ?? 0) ^ (this.bytes[whole] ?? 0)) >> (8 - rest) === 0;
  }
}
