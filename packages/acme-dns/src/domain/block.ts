import { dnsClass } from './codes.js';
import { DomainName } from './domain-name.js';
import { octets, type ZoneRecord } from './zone-record.js';

/**
 * Records made ready for the wire once, so that answering is copying. Names are compressed (RFC 1035 §4.1.4) against
 * the one name that every query repeats at offset 12: a record of the queried name has the pointer 0xC00C, and a name
 * inside the zone ends in a pointer to the zone's part of the query name, which is added in the places `apexPointers`.
 */
export interface Block {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly apexPointers: readonly number[];
}

/** `asked`: the records belong to the queried name itself, whatever their owner says (so a wildcard's, too). */
export function encodeBlock(
  records: readonly ZoneRecord[],
  zone: DomainName,
  owner: 'asked' | 'own',
): Block {
  const bytes: number[] = [];
  const apexPointers: number[] = [];
  const writeName = (name: DomainName): void => {
    if (!name.isAtOrBelow(zone)) {
      bytes.push(...name.wire);
      return;
    }
    bytes.push(...name.wire.subarray(0, name.wire.length - zone.wire.length));
    apexPointers.push(bytes.length);
    bytes.push(0xc0, 0);
  };
  for (const record of records) {
    if (owner === 'asked') bytes.push(0xc0, 0x0c);
    else writeName(record.owner);
    bytes.push(...u16(record.type), ...u16(dnsClass.in), ...u16(record.ttl >>> 16));
    bytes.push(...u16(record.ttl & 0xffff), 0, 0);
    const start = bytes.length;
    for (const part of record.rdata) {
      if (part instanceof DomainName) writeName(part);
      else bytes.push(...octets(part));
    }
    const [high = 0, low = 0] = u16(bytes.length - start);
    bytes[start - 2] = high;
    bytes[start - 1] = low;
  }
  return { bytes: Uint8Array.from(bytes), count: records.length, apexPointers };
}

function u16(value: number): readonly number[] {
  return [(value >> 8) & 0xff, value & 0xff];
}
