import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ask, edns, message, responder } from './test-wire.js';

const to = responder();
const seeds = [
  message({}),
  message({
    name: 'alias.auth.example.org',
    additional: [edns({ data: [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8] })],
  }),
  message({ name: 'x.cut.auth.example.org', type: 255, additional: [edns({ flags: 0x8000 })] }),
];

/** RFC 8906: an answer to everything with a header that is no answer; same id, QR, and within what the way carries. */
function holds(query: Uint8Array): void {
  const told = ask(to, query);
  const isQuery = query.length >= 12 && (query[2] ?? 0) < 0x80;
  expect(told !== undefined).toBe(isQuery);
  if (told === undefined) return;
  expect(told.bytes.subarray(0, 2)).toEqual(Buffer.from(query.subarray(0, 2)));
  expect(told.bytes.readUInt8(2) & 0xf8).toBe(0x80 | ((query[2] ?? 0) & 0x78));
  expect(told.length).toBeLessThanOrEqual(1232);
  expect(told.length).toBeGreaterThanOrEqual(12);
}

describe('any octets at all', () => {
  test('random', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), holds), { numRuns: 5_000 });
  });

  test('a query with octets changed, cut or put in', () => {
    const change = fc.record({ at: fc.nat(200), byte: fc.nat(255), kind: fc.nat(2) });
    const mutated = fc
      .tuple(fc.constantFrom(...seeds), fc.array(change, { minLength: 1, maxLength: 6 }))
      .map(([seed, changes]) => {
        let bytes = [...seed];
        for (const { at, byte, kind } of changes) {
          const place = at % (bytes.length + 1);
          if (kind === 0) bytes[place] = byte;
          else if (kind === 1) bytes = bytes.slice(0, Math.max(12, place));
          else bytes.splice(place, 0, byte);
        }
        return Uint8Array.from(bytes);
      });
    fc.assert(fc.property(mutated, holds), { numRuns: 20_000 });
  });
});
