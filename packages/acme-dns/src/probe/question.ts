import { randomInt } from 'node:crypto';
import { dnsClass, recordType } from '../domain/codes.js';
import { DomainName } from '../domain/domain-name.js';

/** Flags of the header (RFC 1035 §4.1.1, RFC 4035 §3.2.2), and of EDNS (RFC 3225 §3). */
const flag = { recursionDesired: 0x0100, checkingDisabled: 0x0010, dnssecOk: 0x8000 } as const;

/** What fits through every network without fragments. */
const payload = 1_232;

/** A query with a random number and EDNS; a name that is none asks for the root. */
export function buildQuestion(
  name: string,
  type: number,
  say: {
    readonly recursion?: boolean;
    readonly dnssec?: boolean;
    readonly checkingDisabled?: boolean;
  },
): Buffer {
  const wire = DomainName.parse(`${name.replace(/\.$/, '')}.`)?.wire ?? Uint8Array.of(0);
  const flags =
    (say.recursion === true ? flag.recursionDesired : 0) |
    (say.checkingDisabled === true ? flag.checkingDisabled : 0);
  const extended = say.dnssec === true ? flag.dnssecOk : 0;
  return Buffer.from([
    ...[randomInt(65_536), flags, 1, 0, 0, 1].flatMap(pair),
    ...wire,
    ...[type, dnsClass.in].flatMap(pair),
    ...[0, ...[recordType.OPT, payload, 0, extended, 0].flatMap(pair)],
  ]);
}

function pair(value: number): readonly number[] {
  return [value >> 8, value & 0xff];
}
