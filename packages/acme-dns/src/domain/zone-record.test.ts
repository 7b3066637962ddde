import { describe, expect, test } from 'vitest';
import { DomainName } from './domain-name.js';
import { octets, parseRecord } from './zone-record.js';

const zone = DomainName.ofWire(Uint8Array.of(1, 0x7a, 0)); // z.

function data(line: string): string {
  const record = parseRecord(line, zone);
  if ('reason' in record) return record.reason;
  return record.rdata.map((part) => Buffer.from(octets(part)).toString('hex')).join('');
}

describe('a record', () => {
  // The hexadecimal is what named-compilezone and RFC examples give for the same line.
  test.each([
    ['z. A 192.0.2.1', 'c0000201'],
    ['z. 60 IN AAAA 2001:db8::1', '20010db8000000000000000000000001'],
    ['z. IN 60 MX 10 m.z.', '000a016d017a00'],
    ['z. TXT "Hello; World" b\\"c', '0c48656c6c6f3b20576f726c6403622263'],
    ['z. TXT ( "a"\n "b" ) ; comment', '01610162'],
    ['z. CAA 0 issue "letsencrypt.org"', '000569737375656c657473656e63727970742e6f7267'],
    ['_x._tcp.z. SRV 1 2 443 h.z', '0001000201bb0168017a00'],
    ['z. SSHFP 4 2 ABCD EF', '0402abcdef'],
    ['z. TLSA 3 1 1 00ff', '03010100ff'],
    [
      'z. HTTPS 1 . alpn="h2,h3" port=8443 ipv4hint=192.0.2.1',
      '00010000010006026832026833000300022' + '0fb00040004c0000201',
    ],
    ['z. TYPE65280 \\# 3 010203', '010203'],
    ['z. A \\# 4 c0000202', 'c0000202'],
    ['z. LOC 42 21 54 N 71 06 18 W -24m 30m', '0033161389172dd070be15f000988d20'],
    ['z. NAPTR 100 10 "u" "sip" "!^.*$!x!" .', '0064000a01750373697008215e2e2a2421782100'],
    ['z. DS 1 8 2 AA BB', '00010802aabb'],
    ['z. CSYNC 66 3 A NS AAAA', '000000420003000460000008'],
    ['z. EUI48 00-00-5e-00-53-2a', '00005e00532a'],
  ])('%s', (line, hexadecimal) => expect(data(line)).toBe(hexadecimal));

  test.each([
    ['z. A 192.0.2.256', 'the data does not fit type A'],
    ['z. A 192.0.2.1 2', 'the data does not fit type A'],
    ['z. AAAA ::1::', 'the data does not fit type AAAA'],
    ['z. TXT', 'the data does not fit type TXT'],
    ['z. TXT "open', 'is empty, or a quote or parenthesis is left open'],
    ['z. NSS a.', "'NSS' is no record type"],
    ['z. CH TXT a', 'class CH is not served; only IN is'],
    ['z. SOA a. b. 1 2 3 4 5', 'the SOA record is made from nsname and nsadmin, leave it out'],
    ['z. ANY', 'ANY is no type that a zone holds'],
    ['a..z. A 192.0.2.1', 'does not begin with a domain name'],
  ])('not %s', (line, reason) => expect(data(line)).toBe(reason));
});
