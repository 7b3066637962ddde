import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recordType } from './codes.js';
import { parseResponse } from './response.js';
import { ask, edns, message, nameOctets, responder, u16 } from './test-wire.js';

test('reads what the server itself writes', () => {
  const query = message({ name: 'x.cut.auth.example.org', type: 1, additional: [edns()] });
  const told = ask(responder(), query);
  expect(told && parseResponse(told.bytes)).toMatchObject({
    rcode: 0,
    authoritative: false,
    edns: true,
    authority: [{ owner: 'cut.auth.example.org', type: 2, data: 'ns.cut.auth.example.org' }],
    additional: [{ owner: 'ns.cut.auth.example.org', type: 1, data: '192.0.2.3' }, { type: 41 }],
  });
});

/** An answer's record; the owner is the question's, and the data may point to it, too. */
function record(type: number, data: readonly number[], ttl = 3_600): readonly number[] {
  return [0xc0, 12, ...u16(type), 0, 1, 0, 0, ...u16(ttl), ...u16(data.length), ...data];
}

function answerOf(...answers: readonly (readonly number[])[]) {
  return parseResponse(Uint8Array.from(message({ name: 'Example.org', flags: 0x8580, answers })));
}

const octets = (text: string): readonly number[] => [...Buffer.from(text)];
const example = nameOctets('Example.org');

test('each type that a check reads, field by field', () => {
  const soa = [
    2,
    ...octets('Ns'),
    0xc0,
    12,
    0xc0,
    12,
    ...[1, 2, 3, 4, 5].flatMap((n) => [0, 0, ...u16(n)]),
  ];
  const signature = [...u16(16), 13, 2, 0, 0, 14, 16, 0xff, 0, 0, 1, 0x7f, 0, 0, 2, ...u16(4711)];
  const found = answerOf(
    record(recordType.SOA, soa),
    record(recordType.TXT, [2, ...octets('ab'), 0, 1, ...octets('c')]),
    record(recordType.CAA, [0x80, 5, ...octets('issue'), ...octets('ca.example; a=b')]),
    record(recordType.CAA, [0, 5, ...octets('ISSUE')]),
    record(recordType.DS, [...u16(4711), 13, 2, 0xaa, 0xbb]),
    record(recordType.DNSKEY, [...u16(257), 3, 13, 0xcc]),
    record(recordType.RRSIG, [...signature, ...example, 0xdd]),
    record(recordType.MX, [0, 10, 0xc0, 12]),
    record(recordType.AAAA, [0x20, 1, 0xd, 0xb8, ...Array.from({ length: 11 }, () => 0), 1]),
  );
  expect(found).toMatchObject({ authoritative: true, recursionAvailable: true, truncated: false });
  expect(found?.answer.map(({ owner, ttl }) => [owner, ttl])).toEqual(
    Array.from({ length: 9 }, () => ['example.org', 3_600]),
  );
  expect(found?.answer.map(({ data }) => data)).toEqual([
    ...['ns.example.org', 'abc', 'issue ca.example; a=b', 'ISSUE ', '', '', '', '', '2001:db8::1'],
  ]);
  const name = expect.objectContaining({ wire: Uint8Array.from(example) });
  expect(found?.answer.map(({ fields }) => fields)).toMatchObject([
    { kind: 'soa', mailbox: name, serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 },
    { kind: 'text', strings: ['ab', '', 'c'] },
    { kind: 'caa', critical: true, tag: 'issue', value: 'ca.example; a=b' },
    { kind: 'caa', critical: false, tag: 'ISSUE', value: '' },
    { kind: 'ds', keyTag: 4711, algorithm: 13, digestType: 2, digest: Uint8Array.of(0xaa, 0xbb) },
    { kind: 'key', flags: 257, protocol: 3, algorithm: 13, publicKey: Uint8Array.of(0xcc) },
    {
      ...{ kind: 'signature', covered: 16, algorithm: 13, labels: 2, originalTtl: 3_600 },
      ...{ expiration: 0xff00_0001, inception: 0x7f00_0002, keyTag: 4711, signer: name },
      signature: Uint8Array.of(0xdd),
    },
    { kind: 'other' },
    { kind: 'address' },
  ]);
  // Names are whole, and in the case they came in: the octets that a signature is over.
  expect([...(found?.answer[0]?.rdata.subarray(0, 16) ?? [])]).toEqual([
    2,
    ...octets('Ns'),
    ...example,
  ]);
  expect([...(found?.answer[7]?.rdata ?? [])]).toEqual([0, 10, ...example]);
});

test('the upper bits of the code are in EDNS', () => {
  const opt = [0, 0, 41, 4, 0xd0, 1, 0, 0x80, 0, 0, 0];
  expect(parseResponse(message({ flags: 0x8007, additional: [opt] }))?.rcode).toBe(23);
});

test.each([
  ['an address of three octets', record(recordType.A, [192, 0, 2])],
  ['an address of five', record(recordType.A, [192, 0, 2, 1, 1])],
  ['a name that goes on behind its data', record(recordType.CNAME, [3, ...octets('ab')])],
  ['a name with something behind it', record(recordType.NS, [0xc0, 12, 1])],
  ['a string longer than its record', record(recordType.TXT, [9, ...octets('ab')])],
  ['a SOA without its last number', record(recordType.SOA, [0, 0, ...octets('1234123412341234')])],
  [
    'a signature without its signer',
    record(
      recordType.RRSIG,
      Array.from({ length: 18 }, () => 1),
    ),
  ],
  ['a CAA without a tag', record(recordType.CAA, [0])],
  ['a pointer to itself', record(recordType.CNAME, [0xc0, 41])],
  ['a pointer beyond the end', record(recordType.CNAME, [0xff, 0xff])],
  ['half a pointer', record(recordType.CNAME, [0xc0])],
  ['a label of the obsolete kind', record(recordType.CNAME, [0x41, 1, 0])],
  [
    'a name of more than 255 octets',
    record(recordType.CNAME, [
      ...Array.from({ length: 4 }, () => [63, ...octets('x'.repeat(63))]).flat(),
      0,
    ]),
  ],
  ['data longer than the message', [0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 0, 0xff, 0xff, 1]],
])('%s is not whole', (_, answer) => {
  expect(answerOf(answer)).toBeUndefined();
});

test('pointers in a circle that collects labels end', () => {
  // The question's name is label and pointer to itself.
  const bytes = [
    ...Buffer.from([0, 1, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
    1,
    0x61,
    0xc0,
    12,
    0,
    1,
    0,
    1,
  ];
  expect(parseResponse(Uint8Array.from(bytes))).toBeUndefined();
});

test('any octets at all neither break nor hang it', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void parseResponse(bytes)));
});

test('nor does any data of any type that it reads', () => {
  const type = fc.constantFrom(...Object.values(recordType));
  const data = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 80 });
  fc.assert(fc.property(type, data, (type, data) => void answerOf(record(type, data))));
});
