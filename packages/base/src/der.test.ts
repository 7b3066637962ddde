import fc from 'fast-check';
import { expect, test } from 'vitest';
import { der, objectIdentifier, readDer, sequence, tags } from './der.js';

test.each([
  ['2.5.29.17', '0603551d11'],
  ['1.2.840.113549.1.9.14', '06092a864886f70d01090e'],
  ['1.2.840.10045.4.3.2', '06082a8648ce3d040302'],
])('%s', (dotted, hex) => {
  expect(objectIdentifier(dotted).toString('hex')).toBe(hex);
});

test.each([0, 1, 127, 128, 255, 256, 65_535, 65_536])('%i octets are read as written', (length) => {
  const content = Buffer.alloc(length, 7);
  const bytes = sequence(der(tags.octetString, content), der(tags.null));
  const [outer, ...more] = readDer(bytes) ?? [];
  expect(more).toEqual([]);
  expect(readDer(outer?.content ?? Buffer.alloc(0))).toEqual([
    { tag: tags.octetString, content },
    { tag: tags.null, content: Buffer.alloc(0) },
  ]);
});

test.each(['30', '3080', '308400000001aa', '3003aabb', '30820001'])('%s is not read', (hex) => {
  expect(readDer(Buffer.from(hex, 'hex'))).toBeUndefined();
});

test('any octets are read or refused, and never read past their end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const total = (readDer(Buffer.from(bytes)) ?? []).reduce(
        (sum, { content }) => sum + content.length,
        0,
      );
      expect(total).toBeLessThanOrEqual(bytes.length);
    }),
  );
});
