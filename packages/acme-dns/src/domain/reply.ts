import type { Block } from './block.js';
import { recordType } from './codes.js';
import type { Query } from './query.js';

const headerLength = 12;
/** OPT without options (RFC 6891 §6.1.2). */
const optLength = 11;

/** What this server can take over UDP; larger answers get lost in fragments (DNS flag day 2020, RFC 9715). */
export const ownPayload = 1_232;

export type Section = 'answer' | 'authority' | 'additional';

/** One answer being written into a buffer that is used again and again. */
export class Reply {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  truncated = false;
  authoritative = false;
  private limit = 0;
  private apexAt = 0;
  private answers = 0;
  private authorities = 0;
  private additionals = 0;
  private readonly options: Uint8Array[] = [];
  private signature: Uint8Array | undefined;

  /**
   * Repeats id and question, with the case it was asked in (RFC 4343 §4.1). `limit` is what the way back can carry;
   * room for OPT and a cookie is kept free in it.
   */
  begin(query: Query, bytes: Uint8Array, limit: number, apexLength: number): void {
    const end = query.nameEnd === 0 ? headerLength : query.questionEnd;
    const from = query.bytes;
    for (let at = 0; at < end; at++) bytes[at] = from[at] ?? 0;
    this.bytes = bytes;
    this.at = end;
    this.limit = limit - (query.hasEdns ? optLength : 0);
    this.apexAt = query.nameEnd - apexLength;
    this.truncated = this.authoritative = false;
    this.answers = this.authorities = this.additionals = 0;
    this.options.length = 0;
    this.signature = undefined;
  }

  /** Has OPT carry this option, and keeps room for it; nothing where the client has no EDNS. */
  option(option: Uint8Array): void {
    this.options.push(option);
    this.limit -= option.length;
  }

  /**
   * Gives a signature back that no key of ours can check: error BADKEY, itself unsigned (RFC 8945 §5.2.1, §5.3.2).
   * It comes last, behind OPT.
   */
  unsigned(query: Query): void {
    const { signatureAt: start, signatureMacAt: mac } = query;
    const fixed = query.bytes.slice(start, mac + 2);
    const originalId = query.bytes.subarray(0, 2);
    // Behind algorithm, time and fudge: no MAC, the message's id, BADKEY (17), no other data.
    this.signature = Uint8Array.of(...fixed.subarray(0, -2), 0, 0, ...originalId, 0, 17, 0, 0);
    const lengthAt = query.signatureFixedAt + 8 - start;
    const length = this.signature.length - lengthAt - 2;
    this.signature[lengthAt] = length >> 8;
    this.signature[lengthAt + 1] = length & 0xff;
    this.limit -= this.signature.length;
  }

  /** An answer that does not fit is cut off and says so (RFC 2181 §9); additional records are just left out. */
  block(block: Block, section: Section): void {
    const { bytes } = this;
    const size = block.bytes.length;
    if (this.at + size > this.limit) {
      if (section !== 'additional') this.truncated = true;
      return;
    }
    bytes.set(block.bytes, this.at);
    for (const pointer of block.apexPointers) this.u16At(this.at + pointer, 0xc000 | this.apexAt);
    this.at += size;
    this.count(section, block.count);
  }

  /** A TXT record of the queried name, with the one string that `values` has from `from` on. */
  text(values: string, from: number, length: number, ttl: number): void {
    if (this.at + 13 + length > this.limit) {
      this.truncated = true;
      return;
    }
    const { bytes } = this;
    let at = this.at;
    bytes[at++] = 0xc0;
    bytes[at++] = 0x0c;
    bytes[at++] = 0;
    bytes[at++] = recordType.TXT;
    bytes[at++] = 0;
    bytes[at++] = 1;
    bytes[at++] = 0;
    bytes[at++] = 0;
    bytes[at++] = ttl >> 8;
    bytes[at++] = ttl & 0xff;
    bytes[at++] = 0;
    bytes[at++] = length + 1;
    bytes[at++] = length;
    for (let index = 0; index < length; index++) bytes[at++] = values.charCodeAt(from + index);
    this.at = at;
    this.answers++;
  }

  /** Writes header, OPT and signature; returns the length of the whole. */
  finish(query: Query, responseCode: number): number {
    if (this.truncated) {
      this.at = query.nameEnd === 0 ? headerLength : query.questionEnd;
      this.answers = this.authorities = this.additionals = 0;
    }
    if (query.hasEdns) this.opt(responseCode >> 4, query.dnssecOk);
    if (this.signature !== undefined) this.append(this.signature);
    const { bytes } = this;
    // QR, the opcode, RD as asked; RA, AD and CD are for resolvers and signed zones.
    bytes[2] =
      0x80 | ((bytes[2] ?? 0) & 0x79) | (this.authoritative ? 4 : 0) | (this.truncated ? 2 : 0);
    bytes[3] = responseCode & 0xf;
    this.u16At(4, query.nameEnd === 0 ? 0 : 1);
    this.u16At(6, this.answers);
    this.u16At(8, this.authorities);
    this.u16At(10, this.additionals);
    return this.at;
  }

  private append(record: Uint8Array): void {
    this.bytes.set(record, this.at);
    this.at += record.length;
    this.additionals++;
  }

  private opt(extendedCode: number, dnssecOk: boolean): void {
    const { bytes } = this;
    let at = this.at;
    const size = this.options.reduce((sum, option) => sum + option.length, 0);
    bytes[at++] = 0;
    bytes[at++] = 0;
    bytes[at++] = recordType.OPT;
    bytes[at++] = ownPayload >> 8;
    bytes[at++] = ownPayload & 0xff;
    bytes[at++] = extendedCode;
    bytes[at++] = 0;
    bytes[at++] = dnssecOk ? 0x80 : 0;
    bytes[at++] = 0;
    bytes[at++] = size >> 8;
    bytes[at++] = size & 0xff;
    for (const option of this.options) {
      bytes.set(option, at);
      at += option.length;
    }
    this.at = at;
    this.additionals++;
  }

  private count(section: Section, records: number): void {
    if (section === 'answer') this.answers += records;
    else if (section === 'authority') this.authorities += records;
    else this.additionals += records;
  }

  private u16At(at: number, value: number): void {
    this.bytes[at] = value >> 8;
    this.bytes[at + 1] = value & 0xff;
  }
}
