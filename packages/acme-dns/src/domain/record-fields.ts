import { recordType } from './codes.js';
import type { DomainName } from './domain-name.js';
import { addressText } from './ip-address.js';
import { WireReader } from './wire-reader.js';

/** The data of a received record, of the types that a check reads. */
export type RecordFields =
  | { readonly kind: 'address'; readonly address: Uint8Array }
  /** NS, CNAME, PTR, DNAME. */
  | { readonly kind: 'name'; readonly name: DomainName }
  /** Each character string, a character an octet. */
  | { readonly kind: 'text'; readonly strings: readonly string[] }
  | SoaFields
  | CaaFields
  | DsFields
  | KeyFields
  | SignatureFields
  | { readonly kind: 'other' };

/** RFC 1035 §3.3.13 */
export interface SoaFields {
  readonly kind: 'soa';
  readonly nameServer: DomainName;
  readonly mailbox: DomainName;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  /** How long an absence may be kept (RFC 2308 §4). */
  readonly minimum: number;
}

/** RFC 8659 §4.1 */
export interface CaaFields {
  readonly kind: 'caa';
  /** Who does not know the tag must not issue. */
  readonly critical: boolean;
  /** As it is written there; compared without case. */
  readonly tag: string;
  readonly value: string;
}

/** RFC 4034 §5.1 */
export interface DsFields {
  readonly kind: 'ds';
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Uint8Array;
}

/** RFC 4034 §2.1 */
export interface KeyFields {
  readonly kind: 'key';
  readonly flags: number;
  readonly protocol: number;
  readonly algorithm: number;
  readonly publicKey: Uint8Array;
}

/** RFC 4034 §3.1; the times are seconds since 1970, modulo 2^32. */
export interface SignatureFields {
  readonly kind: 'signature';
  readonly covered: number;
  readonly algorithm: number;
  readonly labels: number;
  readonly originalTtl: number;
  readonly expiration: number;
  readonly inception: number;
  readonly keyTag: number;
  readonly signer: DomainName;
  readonly signature: Uint8Array;
}

/** `rdata` has no pointers. A RangeError where it is too short for its type, or too long. */
export function readFields(type: number, rdata: Uint8Array): RecordFields {
  const reader = new WireReader(rdata);
  const fields = read(reader, type);
  if (fields.kind !== 'other' && reader.left > 0) throw new RangeError('more than its type has');
  return fields;
}

function read(reader: WireReader, type: number): RecordFields {
  switch (type) {
    case recordType.A:
      return { kind: 'address', address: reader.octets(4) };
    case recordType.AAAA:
      return { kind: 'address', address: reader.octets(16) };
    case recordType.NS:
    case recordType.CNAME:
    case recordType.PTR:
    case recordType.DNAME:
      return { kind: 'name', name: reader.name() };
    case recordType.TXT:
      return { kind: 'text', strings: strings(reader) };
    case recordType.SOA:
      return {
        kind: 'soa',
        nameServer: reader.name(),
        mailbox: reader.name(),
        serial: reader.u32(),
        refresh: reader.u32(),
        retry: reader.u32(),
        expire: reader.u32(),
        minimum: reader.u32(),
      };
    case recordType.CAA: {
      const critical = (reader.u8() & 0x80) !== 0;
      const tag = text(reader.octets(reader.u8()));
      return { kind: 'caa', critical, tag, value: text(reader.rest()) };
    }
    case recordType.DS:
      return {
        kind: 'ds',
        keyTag: reader.u16(),
        algorithm: reader.u8(),
        digestType: reader.u8(),
        digest: reader.rest(),
      };
    case recordType.DNSKEY:
      return {
        kind: 'key',
        flags: reader.u16(),
        protocol: reader.u8(),
        algorithm: reader.u8(),
        publicKey: reader.rest(),
      };
    case recordType.RRSIG:
      return {
        kind: 'signature',
        covered: reader.u16(),
        algorithm: reader.u8(),
        labels: reader.u8(),
        originalTtl: reader.u32(),
        expiration: reader.u32(),
        inception: reader.u32(),
        keyTag: reader.u16(),
        signer: reader.name(),
        signature: reader.rest(),
      };
    default:
      return { kind: 'other' };
  }
}

function strings(reader: WireReader): readonly string[] {
  const found: string[] = [];
  while (reader.left > 0) found.push(text(reader.octets(reader.u8())));
  return found;
}

function text(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

/** The fields in one line, where a check compares or prints them; empty for the types that have no such form. */
export function fieldsText(fields: RecordFields): string {
  switch (fields.kind) {
    case 'address':
      return addressText(fields.address);
    case 'name':
      return plainText(fields.name);
    case 'text':
      return fields.strings.join('');
    case 'soa':
      return plainText(fields.nameServer);
    case 'caa':
      return `${fields.tag} ${fields.value}`;
    case 'ds':
    case 'key':
    case 'signature':
    case 'other':
      return '';
    default:
      return fields satisfies never;
  }
}

/** In lower case, without its final dot. */
export function plainText(name: DomainName): string {
  return name.toString().toLowerCase().replace(/\.$/, '');
}
