import { describe, expect, test } from 'vitest';
import { ask, edns, message, nameOctets, responder, u16, type Asked } from './test-wire.js';

function summary(asked: Asked, transport: 'udp' | 'tcp' = 'udp'): string {
  const told = ask(responder(), message(asked), transport);
  return told === undefined ? 'silence' : `${told.rcode} ${told.flags} ${told.counts.join(' ')}`;
}

const inZone = (name: string): string => `${name}.auth.example.org`;

describe('the zone', () => {
  test.each<[string, Asked, string]>([
    ['values of an account', {}, '0 aa rd 1 2 0 0'],
    ['whatever the case', { name: 'ACCT.Auth.EXAMPLE.org' }, '0 aa rd 1 2 0 0'],
    ['another type: NODATA with SOA', { type: 1 }, '0 aa rd 1 0 1 0'],
    ['CAA of an account: NODATA', { type: 257 }, '0 aa rd 1 0 1 0'],
    ['ANY of an account: its one set', { type: 255 }, '0 aa rd 1 2 0 0'],
    ['an account without values', { name: inZone('empty') }, '0 aa rd 1 0 1 0'],
    ['below an account', { name: inZone('x.acct') }, '3 aa rd 1 0 1 0'],
    ['nobody', { name: inZone('nobody') }, '3 aa rd 1 0 1 0'],
    ['an empty non-terminal', { name: inZone('b') }, '0 aa rd 1 0 1 0'],
    ['SOA', { name: 'auth.example.org', type: 6 }, '0 aa rd 1 1 0 0'],
    ['NS with addresses', { name: 'auth.example.org', type: 2 }, '0 aa rd 1 1 0 2'],
    ['ANY of the zone: one set', { name: 'auth.example.org', type: 255 }, '0 aa rd 1 1 0 0'],
    ['a chain of CNAMEs to an account', { name: inZone('alias') }, '0 aa rd 1 4 0 0'],
    ['CNAME itself', { name: inZone('alias'), type: 5 }, '0 aa rd 1 1 0 0'],
    ['a CNAME to nothing', { name: inZone('lost') }, '3 aa rd 1 1 1 0'],
    ['a CNAME out of the zone', { name: inZone('away') }, '0 aa rd 1 1 0 0'],
    ['a wildcard', { name: inZone('any.thing.w') }, '0 aa rd 1 1 0 0'],
    ['a wildcard, other type', { name: inZone('x.w'), type: 1 }, '0 aa rd 1 0 1 0'],
    ['below a cut: referral', { name: inZone('x.cut'), type: 1 }, '0 rd 1 0 1 1'],
    ['at a cut: referral', { name: inZone('cut'), type: 1 }, '0 rd 1 0 1 1'],
    ['at a cut, DS: ours', { name: inZone('cut'), type: 43 }, '0 aa rd 1 0 1 0'],
    ['too long for UDP', { name: inZone('big') }, '0 aa tc rd 1 0 0 0'],
  ])('%s', (_what, asked, expected) => expect(summary(asked)).toBe(expected));

  test('carries over TCP what UDP can not', () => {
    expect(summary({ name: inZone('big') }, 'tcp')).toBe('0 aa rd 1 40 0 0');
  });

  test('compresses every name that it can', () => {
    const told = ask(responder(), message({ name: inZone('nobody') }));
    // Question 25 + 4 octets; SOA: pointer, ten of frame, "ns" and pointer, "host.master.example.org" whole, five numbers.
    expect(told?.length).toBe(12 + 25 + 4 + 2 + 10 + (3 + 2) + 25 + 20);
  });
});

describe('everything else', () => {
  test.each<[string, Asked, string]>([
    ['out of the zone', { name: 'example.org' }, '5 rd 1 0 0 0'],
    ['an octet inside a label is no dot', { name: 'xxxauth.example.org' }, '5 rd 1 0 0 0'],
    ['class CH', { class: 3 }, '5 rd 1 0 0 0'],
    ['NOTIFY', { opcode: 4, type: 6 }, '9 rd 1 0 0 0'],
    ['UPDATE', { opcode: 5 }, '9 rd 1 0 0 0'],
    ['STATUS', { opcode: 2 }, '4 rd 1 0 0 0'],
    ['AXFR over UDP', { name: 'auth.example.org', type: 252 }, '4 rd 1 0 0 0'],
    ['IXFR', { name: 'auth.example.org', type: 251 }, '9 rd 1 0 0 0'],
    ['no question', { questions: 0 }, '1 rd 0 0 0 0'],
    ['two questions', { questions: 2 }, '1 rd 0 0 0 0'],
    ['an answer', { flags: 0x8100 }, 'silence'],
  ])('%s', (_what, asked, expected) => expect(summary(asked)).toBe(expected));

  test('a name with a pointer, a label of 64, no end, or more than 255 octets', () => {
    const header = [0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for (const name of [
      [0xc0, 12],
      [64, ...new Uint8Array(64), 0],
      [3, 1],
      nameOctets(Array<string>(5).fill('a'.repeat(60)).join('.')),
    ]) {
      const told = ask(responder(), Uint8Array.from([...header, ...name, 0, 1, 0, 1]));
      expect([told?.rcode, told?.length]).toEqual([1, 12]);
    }
  });

  test('octets behind the message', () => {
    expect(ask(responder(), Uint8Array.from([...message({}), 1]))?.rcode).toBe(1);
  });
});

describe('EDNS', () => {
  const of = (...additional: readonly (readonly number[])[]): string => summary({ additional });

  test('is answered with EDNS, DO as asked, and version 0 alone', () => {
    expect(of(edns())).toBe('0 aa rd 1 2 0 1');
    const told = ask(responder(), message({ additional: [edns({ flags: 0xffff })] }));
    expect(told?.bytes.subarray(-11).toString('hex')).toBe('00002904d0000080000000');
    const wrong = ask(responder(), message({ additional: [edns({ version: 1 })] }));
    expect(wrong?.bytes.subarray(-11).toString('hex')).toBe('00002904d0010000000000');
    expect(wrong?.counts).toEqual([1, 0, 0, 1]);
  });

  test('twice, under a name, or in pieces is malformed', () => {
    expect(of(edns(), edns())).toBe('1 rd 1 0 0 0');
    expect(of([1, 0x61, ...edns()])).toBe('1 rd 1 0 0 0');
    expect(of(edns({ data: [0, 3, 0, 9, 1] }))).toBe('1 rd 1 0 0 0');
  });

  test('unknown options do not matter; a payload under 512 means 512', () => {
    expect(of(edns({ data: [0xff, 0, 0, 1, 7] }))).toBe('0 aa rd 1 2 0 1');
    expect(of(edns({ payload: 0 }))).toBe('0 aa rd 1 2 0 1');
  });

  test('a signature that nobody can check comes back with BADKEY', () => {
    const data = [
      ...nameOctets('hmac-sha256'),
      0,
      0,
      1,
      2,
      3,
      4,
      1,
      44,
      0,
      2,
      9,
      9,
      0x12,
      0x34,
      0,
      0,
      0,
      0,
    ];
    const record = [...nameOctets('key'), 0, 250, 0, 255, 0, 0, 0, 0, ...u16(data.length), ...data];
    const told = ask(responder(), message({ additional: [record] }));
    expect(told?.rcode).toBe(9);
    expect(told?.counts).toEqual([1, 0, 0, 1]);
    expect(told?.bytes.subarray(-16).toString('hex')).toBe('000001020304012c0000123400110000');
  });
});
