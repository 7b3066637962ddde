import { recordType } from './codes.js';
import type { DomainName } from './domain-name.js';
import type { WireReader } from './wire-reader.js';

/** A domain name, a character string with its length, or so many octets. */
type Piece = 'name' | 'string' | number;

/**
 * The types with names in their data that RFC 4034 §6.2 puts into lower case (with RFC 6840 §5.1: NSEC not among
 * them). A server may have compressed them in the older ones (RFC 3597 §4). What follows the last piece is plain octets.
 */
const layouts = new Map<number, readonly Piece[]>([
  [recordType.NS, ['name']],
  [recordType.CNAME, ['name']],
  [recordType.SOA, ['name', 'name']],
  [recordType.PTR, ['name']],
  [recordType.MX, [2, 'name']],
  [recordType.RP, ['name', 'name']],
  [recordType.AFSDB, [2, 'name']],
  [recordType.RT, [2, 'name']],
  [recordType.SRV, [6, 'name']],
  [recordType.NAPTR, [4, 'string', 'string', 'string', 'name']],
  [recordType.KX, [2, 'name']],
  [recordType.DNAME, ['name']],
  [recordType.RRSIG, [18, 'name']],
]);

/** A record's data to its end, its names without pointers and as `write` has them. */
export function dataWithNames(
  reader: WireReader,
  type: number,
  write: (name: DomainName) => Uint8Array,
): Uint8Array {
  const octets: number[] = [];
  for (const piece of layouts.get(type) ?? []) {
    if (piece === 'name') octets.push(...write(reader.name()));
    else if (piece === 'string') {
      const length = reader.u8();
      octets.push(length, ...reader.octets(length));
    } else octets.push(...reader.octets(piece));
  }
  const tail = reader.rest();
  return octets.length === 0 ? tail : Uint8Array.from([...octets, ...tail]);
}
