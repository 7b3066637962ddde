import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestInput, keyTag } from '../domain/canonical-form.js';
import { recordType } from '../domain/codes.js';
import { DomainName } from '../domain/domain-name.js';
import { readFields, type SignatureFields } from '../domain/record-fields.js';
import type { ReceivedRecord } from '../domain/response.js';
import { digestOf, isSignedBy } from './signature-crypto.js';
import { judgeSet, zoneKeysOf, type SignedSet, type Verdict } from './signed-set.js';

function name(text: string): DomainName {
  const parsed = DomainName.parse(text);
  if (parsed === undefined) throw new Error(`${text} is no name`);
  return parsed;
}

function record(owner: string, type: number, rdata: Uint8Array): ReceivedRecord {
  const fields = readFields(type, rdata);
  return { owner, name: name(owner), type, ttl: 300, rdata, fields, data: '' };
}

const bytes = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'));
const seconds = (time: string): number => Date.parse(time) / 1_000;

interface Vector {
  readonly flags?: number;
  readonly algorithm: number;
  readonly key: string;
  readonly tag: number;
  readonly signature: string;
  readonly digest?: readonly [number, string];
}

/** One record, one key, one signature. */
interface Example {
  readonly zone: string;
  readonly labels: number;
  readonly inception: number;
  readonly expiration: number;
  readonly records: readonly ReceivedRecord[];
}

function keyRecord({ flags = 257, algorithm, key }: Vector, zone: string): ReceivedRecord {
  const rdata = Uint8Array.of(flags >> 8, flags & 0xff, 3, algorithm, ...bytes(key));
  return record(zone, recordType.DNSKEY, rdata);
}

function signedBy(
  example: Example,
  vector: Vector,
  change: Partial<SignatureFields> = {},
): SignedSet {
  const [first] = example.records;
  if (first === undefined) throw new Error('a set of nothing');
  const signature: SignatureFields = {
    kind: 'signature',
    covered: first.type,
    algorithm: vector.algorithm,
    labels: example.labels,
    originalTtl: 3_600,
    expiration: example.expiration,
    inception: example.inception,
    keyTag: vector.tag,
    signer: name(example.zone),
    signature: bytes(vector.signature),
    ...change,
  };
  const { records } = example;
  return { owner: first.name, type: first.type, records, signatures: [signature] };
}

function verdict(
  example: Example,
  vector: Vector,
  at?: number,
  set = signedBy(example, vector),
): Verdict {
  const now = new Date(1_000 * (at ?? example.inception));
  return judgeSet(set, name(example.zone), zoneKeysOf([keyRecord(vector, example.zone)]), now);
}

/** RFC 5702 §6.1 and §6.2 */
const rsaExample: Example = {
  zone: 'example.net.',
  labels: 3,
  inception: seconds('2000-01-01T00:00:00Z'),
  expiration: seconds('2030-01-01T00:00:00Z'),
  records: [record('www.example.net.', recordType.A, Uint8Array.of(192, 0, 2, 91))],
};
const rsaSha256: Vector = {
  flags: 256,
  algorithm: 8,
  key: 'AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=',
  tag: 9033,
  signature:
    'kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg==',
};
const rsaSha512: Vector = {
  flags: 256,
  algorithm: 10,
  key: 'AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFDxj13tOnD9u/1kTg7cV6rklMrZDtJCQ5PCl/D7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY12ZTSncorffcGmhOL',
  tag: 3740,
  signature:
    'tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRoOe0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0iGYgZBWm/zpq+9fOuagYJRfDqfReKBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl1MBGk0fthPgxdDLw=',
};

/** RFC 6605 §6.1 and §6.2 */
const curveExample: Example = {
  zone: 'example.net.',
  labels: 3,
  inception: seconds('2010-08-12T10:04:39Z'),
  expiration: seconds('2010-09-09T10:04:39Z'),
  records: [record('www.example.net.', recordType.A, Uint8Array.of(192, 0, 2, 1))],
};
const laterCurveExample: Example = {
  ...curveExample,
  inception: seconds('2010-08-12T10:20:25Z'),
  expiration: seconds('2010-09-09T10:20:25Z'),
};
const p256: Vector = {
  algorithm: 13,
  key: 'GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==',
  tag: 55_648,
  signature:
    'qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==',
  digest: [2, 'b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17'],
};
const p384: Vector = {
  algorithm: 14,
  key: 'xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40',
  tag: 10_771,
  signature:
    '/L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm',
  digest: [
    4,
    '72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6',
  ],
};

/** RFC 8080 §6, with the signatures of its verified erratum 4935. */
const edwardsExample: Example = {
  zone: 'example.com.',
  labels: 2,
  inception: 1_438_207_200,
  expiration: 1_440_021_600,
  records: [
    record('example.com.', recordType.MX, Uint8Array.of(0, 10, ...name('mail.example.com.').wire)),
  ],
};
const ed25519: Vector = {
  algorithm: 15,
  key: 'l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=',
  tag: 3_613,
  signature:
    'oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==',
  digest: [2, '3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b'],
};
const ed448: Vector = {
  algorithm: 16,
  key: '3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA',
  tag: 9_713,
  signature:
    '3cPAHkmlnxcDHMyg7vFC34l0blBhuG1qpwLmjInI8w1CMB29FkEAIJUA0amxWndkmnBZ6SKiwZSAxGILn/NBtOXft0+Gj7FSvOKxE/07+4RQvE581N3Aj/JtIyaiYVdnYtyMWbSNyGEY2213WKsJlwEA',
};

const vectors: readonly (readonly [string, Example, Vector])[] = [
  ['RSA/SHA-256 (RFC 5702)', rsaExample, rsaSha256],
  ['RSA/SHA-512 (RFC 5702)', rsaExample, rsaSha512],
  ['P-256 (RFC 6605)', curveExample, p256],
  ['P-384 (RFC 6605)', laterCurveExample, p384],
  ['Ed25519 (RFC 8080)', edwardsExample, ed25519],
  ['Ed448 (RFC 8080)', edwardsExample, ed448],
];

test.each(vectors)(
  '%s: key tag, digest, and the signature from its first second to its last',
  (_, example, vector) => {
    const key = keyRecord(vector, example.zone);
    expect(keyTag(key.rdata)).toBe(vector.tag);
    if (vector.digest !== undefined) {
      const [type, digest] = vector.digest;
      expect(Buffer.from(digestOf(type, digestInput(key))).toString('hex')).toBe(digest);
    }
    const { inception, expiration } = example;
    expect(verdict(example, vector)).toMatchObject({
      kind: 'valid',
      tag: vector.tag,
      wildcard: false,
    });
    expect(verdict(example, vector, expiration)).toMatchObject({ kind: 'valid' });
    expect(verdict(example, vector, inception - 1)).toMatchObject({ kind: 'early' });
    const over = { kind: 'over', life: { ends: new Date(expiration * 1_000) } };
    expect(verdict(example, vector, expiration + 1)).toMatchObject(over);
  },
);

test.each(vectors)(
  '%s: one bit of the record, of the signature, of the key',
  (_, example, vector) => {
    const [first] = example.records;
    if (first === undefined) throw new Error('a set of nothing');
    const flipped = (octets: Uint8Array, at: number): Uint8Array =>
      octets.map((octet, index) => (index === at ? octet ^ 1 : octet));
    const record = { ...first, rdata: flipped(first.rdata, first.rdata.length - 2) };
    const tampered = signedBy({ ...example, records: [record] }, vector);
    expect(verdict(example, vector, undefined, tampered)).toEqual({
      kind: 'forged',
      tag: vector.tag,
    });
    const signature = flipped(bytes(vector.signature), 20);
    const broken = signedBy(example, vector, { signature });
    expect(verdict(example, vector, undefined, broken)).toEqual({
      kind: 'forged',
      tag: vector.tag,
    });
    const labels = signedBy(example, vector, { labels: 9 });
    expect(verdict(example, vector, undefined, labels)).toEqual({
      kind: 'forged',
      tag: vector.tag,
    });
    const other = signedBy(example, vector, { keyTag: 1 });
    expect(verdict(example, vector, undefined, other)).toEqual({ kind: 'foreign key', tag: 1 });
  },
);

test('a signer that is not the zone counts for nothing; an algorithm that nobody knows is told', () => {
  const foreign = signedBy(curveExample, p256, { signer: name('net.') });
  expect(verdict(curveExample, p256, undefined, foreign)).toEqual({ kind: 'unsigned' });
  const old = signedBy(curveExample, p256, { algorithm: 5 });
  const told = { kind: 'unknown algorithm', algorithm: 5 };
  expect(verdict(curveExample, p256, undefined, old)).toEqual(told);
});

test('revoked keys, and keys that are for something else, sign nothing', () => {
  const flags = [256, 257, 0, 1, 257 | 128].map((flags) =>
    keyRecord({ ...p256, flags }, 'example.net.'),
  );
  expect(zoneKeysOf(flags)).toHaveLength(2);
});

test('the digests of RFC 4509 §2.3 and RFC 4034 §5.4, and the key tag there', () => {
  const key = {
    ...{ flags: 256, algorithm: 5, tag: 60_485, signature: '' },
    key: 'AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==',
  };
  const made = keyRecord(key, 'dskey.example.com.');
  expect(keyTag(made.rdata)).toBe(60_485);
  const hex = (type: number): string =>
    Buffer.from(digestOf(type, digestInput(made)))
      .toString('hex')
      .toUpperCase();
  expect(hex(1)).toBe('2BB183AF5F22588179A53B0A98631FAD1A292118');
  expect(hex(2)).toBe('D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A');
  expect(hex(3)).toBe('');
});

test('no octets at all as key and signature break it', () => {
  const some = fc.uint8Array({ maxLength: 140 });
  const algorithm = fc.constantFrom(1, 5, 8, 10, 13, 14, 15, 16, 253);
  fc.assert(
    fc.property(algorithm, some, some, (algorithm, key, signature) => {
      const data = createHash('sha256').update(key).digest();
      expect(isSignedBy(key, algorithm, data, signature)).toBe(false);
    }),
  );
});
