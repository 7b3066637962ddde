import { dnsClass, recordType } from './codes.js';

/** What a message is, before anybody asks what it wants. */
export type Reading =
  /** Not to be answered at all: no header, or itself an answer. */
  | 'silence'
  /** A header whose rest can't be read: FORMERR without a question. */
  | 'header-only'
  /** A question that stands, in a message that breaks a rule behind it: FORMERR with the question. */
  | 'malformed'
  | 'sound';

const headerLength = 12;

/**
 * One query, read in place from the octets it came in. The object is used for every message anew, so that reading
 * makes nothing for the collector.
 */
export class Query {
  bytes: Uint8Array = new Uint8Array(0);
  length = 0;
  opcode = 0;
  /** Where the name ends; it always starts at 12. */
  nameEnd = 0;
  type = 0;
  class = 0;
  labels = 0;
  readonly labelStarts = new Uint16Array(128);
  hasEdns = false;
  ednsVersion = 0;
  ednsPayload = 0;
  dnssecOk = false;
  /** Offset of a cookie option's data, 0 where there is none. */
  cookieAt = 0;
  cookieLength = 0;
  /** Where a signature's record, its fixed part and its MAC's length stand; 0 where there is none. */
  signatureAt = 0;
  signatureFixedAt = 0;
  signatureMacAt = 0;

  /** Where the question ends, and what a reply repeats of the message. */
  get questionEnd(): number {
    return this.nameEnd + 4;
  }

  get recursionDesired(): boolean {
    return ((this.bytes[2] ?? 0) & 1) === 1;
  }

  read(bytes: Uint8Array, length: number): Reading {
    this.bytes = bytes;
    this.length = length;
    this.hasEdns = this.dnssecOk = false;
    this.cookieAt = this.cookieLength = this.ednsVersion = this.ednsPayload = 0;
    this.nameEnd = this.signatureAt = 0;
    if (length < headerLength || (bytes[2] ?? 0) >= 0x80) return 'silence';
    this.opcode = ((bytes[2] ?? 0) >> 3) & 0xf;
    // RFC 9619: a query has exactly one question.
    if (this.u16(4) !== 1) return 'header-only';
    if (!this.readQuestion()) return 'header-only';
    if (length === this.questionEnd && this.noRecords()) return 'sound';
    return this.readRecords() ? 'sound' : 'malformed';
  }

  private u16(at: number): number {
    return ((this.bytes[at] ?? 0) << 8) | (this.bytes[at + 1] ?? 0);
  }

  private noRecords(): boolean {
    return (this.u16(6) | this.u16(8) | this.u16(10)) === 0;
  }

  /** A pointer in the question could only point at the header or at itself, so none is allowed. */
  private readQuestion(): boolean {
    const { bytes, length } = this;
    let at = headerLength;
    let labels = 0;
    for (;;) {
      if (at >= length) return false;
      const size = bytes[at] ?? 0;
      if (size === 0) break;
      if (size > 63 || labels === 127) return false;
      this.labelStarts[labels++] = at;
      at += size + 1;
    }
    at++;
    if (at - headerLength > 255 || at + 4 > length) return false;
    this.nameEnd = at;
    this.labels = labels;
    this.type = this.u16(at);
    this.class = this.u16(at + 2);
    return true;
  }

  /** Everything behind the question, for the sake of OPT (RFC 6891) and a signature (RFC 8945). */
  private readRecords(): boolean {
    const before = this.u16(6) + this.u16(8);
    const total = before + this.u16(10);
    let at = this.questionEnd;
    for (let index = 0; index < total; index++) {
      const isRoot = this.bytes[at] === 0;
      const fixed = this.skipName(at);
      if (fixed === -1 || fixed + 10 > this.length) return false;
      const type = this.u16(fixed);
      const size = this.u16(fixed + 8);
      if (fixed + 10 + size > this.length) return false;
      if (type === recordType.OPT) {
        if (index < before || !isRoot || this.hasEdns || !this.readEdns(fixed, size)) return false;
      } else if (type === recordType.TSIG) {
        // RFC 8945 §5.1: the last record of the message, or the message is malformed.
        if (index !== total - 1 || index < before || this.u16(fixed + 2) !== dnsClass.any)
          return false;
        if (!this.readSignature(at, fixed, size)) return false;
      }
      at = fixed + 10 + size;
    }
    return at === this.length;
  }

  /** Algorithm, time (6 octets), fudge (2), then the MAC (RFC 8945 §4.2); only what an answer repeats is kept. */
  private readSignature(start: number, fixed: number, size: number): boolean {
    const algorithmEnd = this.skipName(fixed + 10);
    if (algorithmEnd === -1 || algorithmEnd + 16 > fixed + 10 + size) return false;
    this.signatureAt = start;
    this.signatureFixedAt = fixed;
    this.signatureMacAt = algorithmEnd + 8;
    return true;
  }

  private skipName(from: number): number {
    for (let at = from; at < this.length;) {
      const size = this.bytes[at] ?? 0;
      if (size === 0) return at + 1;
      if (size >= 0xc0) {
        // A pointer ends the name, and only points backwards (RFC 1035 §4.1.4).
        const target = this.u16(at) & 0x3fff;
        return at + 2 <= this.length && target < at ? at + 2 : -1;
      }
      if (size > 63 || at + size + 1 - from > 254) return -1;
      at += size + 1;
    }
    return -1;
  }

  /** RFC 6891 §6.1: the class is the payload size, the time to live has version and flags. */
  private readEdns(fixed: number, size: number): boolean {
    this.hasEdns = true;
    this.ednsPayload = this.u16(fixed + 2);
    this.ednsVersion = this.bytes[fixed + 5] ?? 0;
    this.dnssecOk = (this.bytes[fixed + 6] ?? 0) >= 0x80;
    const end = fixed + 10 + size;
    let at = fixed + 10;
    while (at + 4 <= end) {
      const length = this.u16(at + 2);
      if (at + 4 + length > end) return false;
      if (this.u16(at) === cookieOption && this.cookieAt === 0) {
        this.cookieAt = at + 4;
        this.cookieLength = length;
      }
      at += 4 + length;
    }
    return at === end;
  }
}

const cookieOption = 10;
