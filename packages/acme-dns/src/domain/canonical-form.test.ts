import { expect, test } from 'vitest';
import { isFromWildcard, signedOctets } from './canonical-form.js';
import { recordType } from './codes.js';
import { DomainName } from './domain-name.js';
import { readFields, type SignatureFields } from './record-fields.js';
import type { ReceivedRecord } from './response.js';
import { nameOctets, u16 } from './test-wire.js';

function name(text: string): DomainName {
  return DomainName.ofWire(Uint8Array.from(nameOctets(text)));
}

function record(owner: string, type: number, data: readonly number[]): ReceivedRecord {
  const rdata = Uint8Array.from(data);
  const fields = readFields(type, rdata);
  return { owner: owner.toLowerCase(), name: name(owner), type, ttl: 5, rdata, fields, data: '' };
}

function signature(covered: number, labels: number): SignatureFields {
  return {
    ...{ kind: 'signature', covered, algorithm: 13, labels, originalTtl: 3_600, keyTag: 4711 },
    ...{ expiration: 2, inception: 1, signer: name('Example.ORG'), signature: new Uint8Array(4) },
  };
}

function head(covered: number, labels: number): readonly number[] {
  const times = [0, 0, 14, 16, 0, 0, 0, 2, 0, 0, 0, 1];
  return [...u16(covered), 13, labels, ...times, ...u16(4711), ...nameOctets('example.org')];
}

function canonical(owner: string, type: number, data: readonly number[]): readonly number[] {
  const about = [...u16(type), 0, 1, 0, 0, 14, 16, ...u16(data.length)];
  return [...nameOctets(owner), ...about, ...data];
}

test('names in lower case, the original TTL, and the records in their order, each once', () => {
  const { MX } = recordType;
  const given = [
    record('A.Example.org', MX, [0, 10, ...nameOctets('Mail.Example.org')]),
    record('a.example.org', MX, [0, 10, ...nameOctets('mail.example.org')]),
    record('a.example.org', MX, [0, 9, ...nameOctets('Z')]),
  ];
  expect([...(signedOctets(signature(MX, 3), given) ?? [])]).toEqual([
    ...head(MX, 3),
    ...canonical('a.example.org', MX, [0, 9, ...nameOctets('z')]),
    ...canonical('a.example.org', MX, [0, 10, ...nameOctets('mail.example.org')]),
  ]);
});

test('a shorter data stands before a longer one that begins with it', () => {
  const { TXT } = recordType;
  const given = [
    [1, 98],
    [1, 97, 0],
    [1, 97],
  ].map((data) => record('example.org', TXT, data));
  expect([...(signedOctets(signature(TXT, 2), given) ?? [])]).toEqual([
    ...head(TXT, 2),
    ...[
      [1, 97],
      [1, 97, 0],
      [1, 98],
    ].flatMap((data) => canonical('example.org', TXT, data)),
  ]);
});

test('fewer labels than the name has: the wildcard is what was signed', () => {
  const { A } = recordType;
  const given = [record('X.y.example.org', A, [192, 0, 2, 1])];
  const [first] = given;
  for (const [labels, owner] of [
    [3, '*.y.example.org'],
    [2, '*.example.org'],
    [0, '*'],
  ] as const) {
    expect([...(signedOctets(signature(A, labels), given) ?? [])]).toEqual([
      ...head(A, labels),
      ...canonical(owner, A, [192, 0, 2, 1]),
    ]);
    expect(first && isFromWildcard(signature(A, labels), first.name)).toBe(true);
  }
  expect(first && isFromWildcard(signature(A, 4), first.name)).toBe(false);
  expect(signedOctets(signature(A, 5), given)).toBeUndefined();
  // The wildcard itself, asked for by its name: its asterisk does not count.
  expect(isFromWildcard(signature(A, 2), name('*.example.org'))).toBe(false);
});
